// The three primitives of a convolution, each with the algorithm that suits it best.
#pragma once

#include "kernels/algorithm_choices.h"
#include "kernels/cpu/convolution_descriptors.h"

namespace lrcn::cpu {

struct ConvolutionStep {
  Primitive primitive;
  dnnl::memory::desc weights;  // format that the primitive reads or, for dw, writes
  std::size_t scratch_bytes = 0;
  const char* algorithm = "direct";
};

// What plans one direction:
//   forward_step runs on {x, weights, bias, y, scratch}
//   dx_step      runs on {dy, weights, dx, scratch}
//   dw_step      runs on {x, dy, dw, db, scratch}
// Automatic choices are measured with at most four images and kept in `choices`.
struct ConvolutionSteps {
  OneDnn& dnn;
  AlgorithmChoices& choices;
  const ConvolutionDescriptors& descriptors;
  ConvolutionAlgorithm algorithm;

  ConvolutionStep forward() const;
  ConvolutionStep dx() const;
  ConvolutionStep dw() const;
};

}  // namespace lrcn::cpu
