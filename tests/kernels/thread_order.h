// In which order a device runs the threads of kernels.
#pragma once

#include "core/context.h"

#if LRCN_CUDA_EMULATED
#include "kernels/cuda/emulator/emulator.h"
#endif

namespace lrcn::test {

inline constexpr int kThreadOrders = 4;

// Order 0 to kThreadOrders - 1 for the kernels that this context starts from now on, where the
// device is emulated; another device has the order that it has.
inline void set_thread_order([[maybe_unused]] Context& context, [[maybe_unused]] int order) {
#if LRCN_CUDA_EMULATED
  using cuda::emulator::Order;
  constexpr Order kOrders[] = {Order::forward, Order::reverse, Order::shuffled, Order::shuffled};
  if (context.device().is_cuda()) {
    context.handle<cuda::emulator::Emulator>().schedule = {
        .order = kOrders[order], .seed = std::uint64_t(order), .resident_blocks = 3};
  }
#endif
}

}  // namespace lrcn::test
