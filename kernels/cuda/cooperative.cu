// What the host has to know and to prepare for cooperative kernels.
#include "core/buffer.h"
#include "core/cuda/stream.h"
#include "kernels/cuda/cooperative.h"

namespace lrcn::cuda {
namespace {

// A counter that starts as zero.
class GridBarrierMemory {
 public:
  explicit GridBarrierMemory(Context& context)
      : buffer_(Buffer::allocate(context.device(), sizeof(std::uint32_t))) {
    enqueue_set_bytes(context, buffer_.data(), 0, buffer_.bytes());
  }

  GridBarrier barrier() const { return {reinterpret_cast<std::uint32_t*>(buffer_.data())}; }

 private:
  Buffer buffer_;
};

}  // namespace

GridBarrier grid_barrier(Context& context) { return context.handle<GridBarrierMemory>().barrier(); }

#if LRCN_CUDA_EMULATED

unsigned most_resident_blocks(Context& context, const void*, unsigned, std::size_t) {
  return context.handle<emulator::Emulator>().cooperative_blocks;
}

#else

unsigned most_resident_blocks(Context& context, const void* kernel, unsigned threads,
                              std::size_t shared_bytes) {
  const DeviceScope scope(context.device());
  int multiprocessors = 0;
  cuda_check(cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount,
                                    context.device().index),
             "multiprocessors of ", context.device());
  permit_shared_memory(context.device(), kernel);
  int blocks = 0;
  cuda_check(
      cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, kernel, int(threads), shared_bytes),
      "blocks of ", threads, " threads on a multiprocessor");
  check<DeviceError>(blocks > 0, "kernel: no multiprocessor of ", context.device(),
                     " has room for a block of ", threads, " threads with ", shared_bytes,
                     " bytes of shared memory");
  return unsigned(blocks * multiprocessors);
}

#endif

}  // namespace lrcn::cuda
