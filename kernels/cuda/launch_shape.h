// How many threads a kernel gets, and with what.
#pragma once

#include "kernels/cuda/device.h"

namespace lrcn::cuda {

struct LaunchShape {
  dim3 grid;
  dim3 block;
  std::size_t shared_bytes = 0;  // for each block
  bool cooperative = false;      // all blocks run at the same time and may wait for each other
};

}  // namespace lrcn::cuda
