// Operations that have no CUDA kernels yet: each throws DeviceError. An operation leaves this file
// when its kernels are written.
#include "kernels/convolution.h"
#include "kernels/lrn.h"
#include "kernels/pooling.h"

namespace lrcn::cuda {
namespace {

[[noreturn]] void missing(const char* op) {
  fail<DeviceError>(op, ": not implemented on CUDA yet");
}

}  // namespace

std::unique_ptr<ConvolutionKernel> plan_convolution(Context&, const ConvolutionProblem&) {
  missing("convolution");
}
std::unique_ptr<LrnKernel> plan_lrn(Context&, const LrnProblem&) { missing("lrn"); }
std::unique_ptr<PoolingKernel> plan_pooling(Context&, const PoolingProblem&) { missing("pooling"); }

}  // namespace lrcn::cuda
