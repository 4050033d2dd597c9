// Where the elements of an image tensor lie, for kernels.
#pragma once

#include <cstdint>

#include "core/host_device.h"
#include "core/tensor.h"

namespace lrcn::cuda {

// x: [N, C, H, W] of any layout; pixel p = h W + w. Memory is
//   plain      [N, C, H W]
//   nhwc       [N, H W, C]
//   blocked    [N, C / B, H W, B], C rounded up
struct ImageLayout {
  std::int64_t images = 0;
  std::int64_t channels = 0;
  std::int64_t pixels = 0;
  std::int64_t block = 1;  // B; C for nhwc, 1 for plain
  std::int64_t stored_channels = 0;

  explicit ImageLayout(const TensorSpec& spec)
      : images(spec.shape[0]), channels(spec.shape[1]), pixels(spec.shape[2] * spec.shape[3]) {
    switch (spec.layout) {
      case Layout::plain:
        block = 1;
        break;
      case Layout::nhwc:
        block = channels > 0 ? channels : 1;
        break;
      case Layout::blocked8:
        block = 8;
        break;
      case Layout::blocked16:
        block = 16;
        break;
    }
    stored_channels = (channels + block - 1) / block * block;
  }

  // Whether neighbouring channels are neighbours in memory; if not, neighbouring pixels are.
  LRCN_HOST_DEVICE bool channels_inside() const { return block > 1; }

  LRCN_HOST_DEVICE std::int64_t offset(std::int64_t n, std::int64_t c, std::int64_t p) const {
    return (n * stored_channels + c / block * block) * pixels + p * block + c % block;
  }
};

}  // namespace lrcn::cuda
