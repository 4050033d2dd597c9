// One operation with its implementations: the only switch between backends.
#pragma once

#include <type_traits>

#include "core/context.h"
#include "core/each_tensor.h"
#include "core/error.h"

// The CUDA half of an Op: absent in a build without CUDA.
#if LRCN_HAS_CUDA
#define LRCN_CUDA_OP(function) function
#else
#define LRCN_CUDA_OP(function) nullptr
#endif

namespace lrcn {

template <class Signature>
class Op;

// A free function per backend behind one name:
//   inline constexpr Op<void(Context&, Tensor x, Tensor y)> relu{"relu", cpu::relu,
//                                                                LRCN_CUDA_OP(cuda::relu)};
// Calling it runs the function of the context's device; DeviceError when there is none, and
// ArgumentError for a tensor of another device.
template <class Result, class... Arguments>
class Op<Result(Context&, Arguments...)> {
 public:
  using Function = Result (*)(Context&, Arguments...);

  constexpr Op(const char* name, Function cpu, Function cuda)
      : name_(name), cpu_(cpu), cuda_(cuda) {}

  const char* name() const { return name_; }

  Result operator()(Context& context, std::type_identity_t<Arguments>... arguments) const {
    const Function function = context.device().is_cpu() ? cpu_ : cuda_;
    check<DeviceError>(function != nullptr, name_, ": not implemented on ", context.device());
    if constexpr (std::is_void_v<Result>) {  // planning takes no tensors
      check_devices(name_, context.device(), arguments...);
    }
    return function(context, static_cast<Arguments>(arguments)...);
  }

 private:
  const char* name_;
  Function cpu_;
  Function cuda_;
};

}  // namespace lrcn
