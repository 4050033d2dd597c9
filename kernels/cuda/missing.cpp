// Operations that have no CUDA kernels yet: each throws DeviceError. An operation leaves this file
// when its kernels are written.
#include "kernels/lstm.h"

namespace lrcn::cuda {
namespace {

[[noreturn]] void missing(const char* op) {
  fail<DeviceError>(op, ": not implemented on CUDA yet");
}

}  // namespace

std::unique_ptr<LstmKernel> plan_lstm(Context&, const LstmProblem&) { missing("lstm"); }

}  // namespace lrcn::cuda
