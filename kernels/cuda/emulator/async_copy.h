// Copies that complete late: see kernels/cuda/ptx/copy.h.
#pragma once

#include <source_location>

namespace lrcn::cuda::emulator {

struct AsyncCopy {
  void* shared;
  const void* global;
  int bytes;
  int present;  // the others become zeros
};

// Until the copy is waited for, its target is poison. Throws DeviceError for addresses that no
// multiple of `bytes` or not in the shared memory of the block.
void copy_async(const AsyncCopy& copy, std::source_location place);
void commit_copies();
// Throws DeviceError when the target or the source of a copy was written before.
void wait_for_copies(int pending);

}  // namespace lrcn::cuda::emulator
