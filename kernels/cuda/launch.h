// The one way to start a kernel.
#pragma once

#include "core/context.h"
#include "kernels/cuda/launch_shape.h"

#if LRCN_CUDA_EMULATED
#include "core/cuda/emulated/work.h"
#include "kernels/cuda/emulator/emulator.h"
#else
#include "core/cuda/device_scope.h"
#endif

namespace lrcn::cuda {

#if !LRCN_CUDA_EMULATED
// Lets the kernel have all the shared memory that a block of the device may have. The runtime keeps
// one limit for each kernel, and refuses launches beyond it: were it what a launch needs just now,
// it would be in the way of larger launches by other threads, out of graphs, or below 48 KiB.
inline void permit_shared_memory(Device device, const void* kernel) {
  int most = 0;
  cuda_check(cudaDeviceGetAttribute(&most, cudaDevAttrMaxSharedMemoryPerBlockOptin, device.index),
             "shared memory of ", device);
  cuda_check_kernel(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, most),
                    "shared memory for", kernel);
}
#endif

// Gives `kernel(arguments...)` on grid x block threads to the stream of the context; each block
// with its shared memory. A grid without blocks is no work. Throws DeviceError when the launch is
// refused; what goes wrong later shows at Context::synchronize or a later call, or here when the
// context checks launches. The emulator runs the kernel at once and throws what went wrong.
template <class... Parameters, class... Arguments>
void launch(Context& context, const LaunchShape& shape, void (*kernel)(Parameters...),
            const Arguments&... arguments) {
  static_assert(sizeof...(Parameters) == sizeof...(Arguments),
                "launch: the kernel takes another number of arguments");
  if (shape.grid.x == 0 || shape.grid.y == 0 || shape.grid.z == 0) {
    return;
  }
#if LRCN_CUDA_EMULATED
  give_work(context,
            [&emulator = context.handle<emulator::Emulator>(), shape, kernel, arguments...] {
              emulator.run(shape, [&] { kernel(static_cast<Parameters>(arguments)...); });
            });
#else
  const DeviceScope scope(context.device());
  const auto* function = reinterpret_cast<const void*>(kernel);
  constexpr std::size_t kSharedWithoutAsking = std::size_t(48) << 10;
  if (shape.shared_bytes > kSharedWithoutAsking) {
    permit_shared_memory(context.device(), function);
  }
  cudaLaunchAttribute cooperative{};
  cooperative.id = cudaLaunchAttributeCooperative;
  cooperative.val.cooperative = 1;
  cudaLaunchConfig_t config{};
  config.gridDim = shape.grid;
  config.blockDim = shape.block;
  config.dynamicSmemBytes = shape.shared_bytes;
  config.stream = static_cast<cudaStream_t>(context.stream());
  config.attrs = &cooperative;
  config.numAttrs = shape.cooperative ? 1 : 0;
  cuda_check_kernel(cudaLaunchKernelEx(&config, kernel, static_cast<Parameters>(arguments)...),
                    "launch of", function);
  if (context.checks_launches()) {
    cuda_check_kernel(cudaStreamSynchronize(config.stream), "run of", function);
  }
#endif
}

// The same on a plain grid.
template <class... Parameters, class... Arguments>
void launch(Context& context, dim3 grid, dim3 block, std::size_t shared_bytes,
            void (*kernel)(Parameters...), const Arguments&... arguments) {
  launch(context, LaunchShape{.grid = grid, .block = block, .shared_bytes = shared_bytes}, kernel,
         arguments...);
}

}  // namespace lrcn::cuda
