// The engine of cuDNN that runs a direction of a convolution.
#pragma once

#include <optional>
#include <vector>

#include "kernels/cuda/cudnn/convolution_graph.h"
#include "kernels/cuda/cudnn/session.h"

namespace lrcn::cuda {

// An engine that was chosen, ready to run.
struct CudnnPlan {
  CudnnDescriptor plan;
  std::vector<CudnnTensor> tensors;    // that it reads and writes
  std::vector<CudnnDescriptor> parts;  // what the plan was made of
  std::size_t workspace_bytes = 0;
  std::int64_t engine = 0;                              // cuDNN's number of it
  std::vector<cudnnBackendNumericalNote_t> notes = {};  // what it does to numbers

  // Throws what CudnnFunctions::check throws.
  void execute(cudnnHandle_t handle, const ConvolutionStep::Operands& operands) const;
};

struct CudnnRequest {
  ConvolutionDirection direction = ConvolutionDirection::forward;
  CudnnEpilogue epilogue = {};  // of forward
  std::size_t workspace_limit = 0;
};

// One direction of `problem`, as CudnnGraph has it. Of the engines that cuDNN's heuristics name,
// best first, the first one that
//   - gives the same bits every time,
//   - rounds factors only as far as the precision permits, sums in f32, and does not lose more to
//     Winograd's transform than tiles of 4x4 do,
//   - needs no more than `workspace_limit` bytes.
// nullopt where there is none.
std::optional<CudnnPlan> plan_cudnn_graph(const CudnnTarget& target,
                                          const ConvolutionProblem& problem, const TensorSpec& y,
                                          const CudnnRequest& request);

}  // namespace lrcn::cuda
