// One generic check for every layer: a row is a case, made of a layer, its inputs and what is
// special about it.
//
//   INSTANTIATE_TEST_SUITE_P(Linear, LayerCheck, testing::ValuesIn(linear_cases()), name_of_case);
//
// runs all tests of layer_check.cpp on every case: finite differences for inputs and parameters,
// accumulation, absent and frozen gradients, evaluation against training, the same bits when
// repeated, recompiled or run by another number of threads, CPU against CUDA, in f32 and in bf16.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "layers/graph/graph.h"

namespace lrcn::test {

struct CaseInput {
  TensorSpec spec;
  std::vector<float> values;  // in logical order; whole numbers for i32
  bool differentiable = true;
};

// Values uniform in [-1, 1).
CaseInput real(const Shape& shape);
// All different, at least 1/4 apart and away from zero, in random order: no kink of a maximum or
// a rectifier comes near.
CaseInput spread(const Shape& shape);
// Whole numbers in -2 .. 2.
CaseInput whole(const Shape& shape);
// i32, uniform in 0 .. below-1; every `ignored`-th one is -1 (0: none).
CaseInput ids(const Shape& shape, std::int32_t below, int ignored = 0);
// Zeros and ones, not differentiated; the first row [0, :] is zero.
CaseInput starts(const Shape& shape);

struct LayerCase {
  using Add = std::function<Value(Graph&, const std::vector<Value>&)>;

  std::string name;  // letters and digits
  Add add;           // adds the layer under the name "layer"
  std::vector<CaseInput> inputs;
  int outputs = 1;
  std::vector<int> seeds = {0};   // outputs that are differentiated
  bool evaluation_agrees = true;  // both phases compute the same
  bool repeats = true;            // a second forward gives the same result
  bool whole_parameters = false;  // weights from -2 .. 2, biases half-way between whole numbers
  bool threads_agree = true;      // the order of its sums does not depend on the number of threads
  double tolerance = 2e-3;        // of a gradient, relative to the largest of its tensor
  double bf16_tolerance = 2e-2;   // of outputs and gradients in bf16 memory, likewise
};

template <class L>
LayerCase layer_case(std::string name, L layer, std::vector<CaseInput> inputs) {
  LayerCase result;
  result.name = std::move(name);
  result.add = [layer = std::move(layer)](Graph& graph, const std::vector<Value>& values) {
    return graph.add("layer", layer, values);
  };
  result.inputs = std::move(inputs);
  return result;
}

// Why nothing can run on Device::cuda(0); empty when there is a device.
std::string why_no_cuda();

// The message with which compiling the layer for these inputs is refused; empty when it is not.
std::string compile_error(const LayerCase& layer);
template <class L>
std::string compile_error(L layer, std::vector<CaseInput> inputs) {
  return compile_error(layer_case("error", std::move(layer), std::move(inputs)));
}

class LayerCheck : public testing::TestWithParam<LayerCase> {};
std::string name_of_case(const testing::TestParamInfo<LayerCase>& info);
void PrintTo(const LayerCase& layer, std::ostream* out);

}  // namespace lrcn::test
