// Kernels whose blocks wait for each other: all of them have to run at the same time.
//
//   const GridBarrier barrier = grid_barrier(context);
//   launch_cooperative(context, {.grid = blocks, .block = threads}, kernel, barrier, ...);
// with blocks <= most_resident_blocks(...), and grid_sync(barrier) in the kernel.
#pragma once

#include "kernels/cuda/launch.h"
#include "kernels/cuda/ptx/memory.h"

namespace lrcn::cuda {

// What the blocks of a cooperative kernel count their arrivals in.
struct GridBarrier {
  std::uint32_t* arrived;
};

// One for each context, since its kernels run one after the other. Look it up while planning.
GridBarrier grid_barrier(Context& context);

// How many blocks with so many threads and so much shared memory the device runs at the same time.
// `kernel`: the address of a __global__ function. Throws DeviceError when not even one fits.
unsigned most_resident_blocks(Context& context, const void* kernel, unsigned threads,
                              std::size_t shared_bytes);

// As launch(), but all blocks run at the same time. Throws DeviceError when they do not fit.
template <class... Parameters, class... Arguments>
void launch_cooperative(Context& context, LaunchShape shape, void (*kernel)(Parameters...),
                        const Arguments&... arguments) {
  shape.cooperative = true;
  launch(context, shape, kernel, arguments...);
}

// Waits for all threads of the grid, none of which may have left. What they wrote before is visible
// afterwards.
#if LRCN_CUDA_EMULATED
inline void grid_sync(GridBarrier, std::source_location place = std::source_location::current()) {
  emulator::wait_for_grid(place);
}
#else
__device__ inline void grid_sync(GridBarrier barrier) {
  __syncthreads();
  if (threadIdx.x == 0 && threadIdx.y == 0 && threadIdx.z == 0) {
    // The first block brings the sum of all arrivals to 2^31, so that the top bit changes with
    // every barrier and nobody has to reset the counter.
    constexpr std::uint32_t kTop = 0x80000000u;
    const bool first = blockIdx.x == 0 && blockIdx.y == 0 && blockIdx.z == 0;
    const std::uint32_t blocks = gridDim.x * gridDim.y * gridDim.z;
    const std::uint32_t before = fetch_add(barrier.arrived, first ? kTop - (blocks - 1) : 1u);
    while (((before ^ load_acquire(barrier.arrived)) & kTop) == 0) {
    }
  }
  __syncthreads();
}
#endif

}  // namespace lrcn::cuda
