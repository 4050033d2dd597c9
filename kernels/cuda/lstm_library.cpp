#include "kernels/cuda/lstm_library.h"

#include "core/error.h"
#include "kernels/nvidia_libraries.h"

#if LRCN_HAS_CUDNN
#include "kernels/cuda/shared_library.h"
#endif

namespace lrcn::cuda {
namespace {

// Where there is no cuDNN, planning says so.
bool takes_bf16() {
#if LRCN_HAS_CUDNN
  const SharedLibrary library = open_cudnn();
  return !library.is_open() || library.function<std::size_t()>("cudnnGetVersion")() >= 91300;
#else
  return true;
#endif
}

}  // namespace

bool cudnn_computes(const LstmProblem& p) {
  return p.inputs > 0 && !p.cont && !p.static_gates && !p.bf16_weights &&
         (p.dtype == DType::f32 || takes_bf16());
}

#if !LRCN_HAS_CUDNN
std::unique_ptr<LstmKernel> plan_cudnn_lstm(Context&, const LstmProblem& problem) {
  check_lstm(problem);
  fail<DeviceError>("lstm: ", cudnn_library().problem);
}
#endif

}  // namespace lrcn::cuda
