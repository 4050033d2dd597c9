// A graph of one layer, compiled and run for layer_check.
#pragma once

#include <map>
#include <optional>

#include "layers/graph/program.h"
#include "tests/layers/layer_check.h"

namespace lrcn::test {

struct CheckedLayerOptions {
  Device device = Device::cpu();
  Phase phase = Phase::train;
  bool backward = true;
  int without_dx = -1;              // index of the input whose gradient is not asked for; -2: all
  std::string frozen = {};          // pattern of frozen parameters
  float gradient_prefill = 0.0f;    // what parameter gradients hold before backward
  bool initial_parameters = false;  // leave parameters as initialized, else draw them
  int threads = 2;
  Precision precision = Precision::f32;
  // Real inputs that are differentiated hold values of bf16, and reach the layer as such on CUDA.
  bool bf16_inputs = false;
};

using Floats = std::vector<float>;

// What one forward and backward gives.
struct LayerResult {
  std::vector<Floats> outputs;
  std::map<std::string, Floats> gradients;  // "x0", "x1", ..., and parameters by name
  friend bool operator==(const LayerResult&, const LayerResult&) = default;
};

class CheckedLayer {
 public:
  CheckedLayer(const LayerCase& layer, const CheckedLayerOptions& options);

  // Inputs with a gradient and trainable parameters.
  std::vector<std::string> names() const;
  Floats get(const std::string& name) const;
  void set(const std::string& name, const Floats& values);

  // The weighted sum of all differentiated outputs after a forward.
  double objective();
  // Forward, then backward with the weights of the objective.
  LayerResult run();

 private:
  int input_of(const std::string& name) const;  // -1 for a parameter
  std::vector<Value> layer_inputs();
  void draw_parameters();
  void forward();

  const LayerCase& layer_;
  CheckedLayerOptions options_;
  Context context_;
  Graph graph_;
  std::vector<Value> inputs_;
  std::vector<Floats> input_values_;
  std::vector<int> inputs_with_gradient_;
  std::vector<Value> outputs_;
  std::vector<Value> seeds_;
  ParamStore params_;
  std::optional<Program> program_;
  std::map<Value, Floats> weights_;  // of the objective
};

}  // namespace lrcn::test
