#include "kernels/cuda/lstm_library.h"

#include "core/error.h"
#include "kernels/nvidia_libraries.h"

namespace lrcn::cuda {

bool cudnn_computes(const LstmProblem& p) {
  return p.inputs > 0 && !p.cont && !p.static_gates && !p.bf16_weights && p.dtype == DType::f32;
}

#if !LRCN_HAS_CUDNN
std::unique_ptr<LstmKernel> plan_cudnn_lstm(Context&, const LstmProblem& problem) {
  check_lstm(problem);
  fail<DeviceError>("lstm: ", cudnn_library().problem);
}
#endif

}  // namespace lrcn::cuda
