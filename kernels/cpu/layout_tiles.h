// Pieces of an image moved between layouts, in tiles of 8 channels that are transposed in registers
// where needed.
#pragma once

#include <cstdint>

#include "core/tensor.h"

namespace lrcn::cpu {

// Channels of one image seen as a matrix: channel c and pixel p = h W + w lie at
// begin + c channel_stride + p pixel_stride; one of the strides is 1.
struct ChannelTile {
  float* begin;
  std::int64_t channel_stride;
  std::int64_t pixel_stride;
};

// The channels from first_channel, a multiple of 8, on; the next 8 at most share these strides.
// image: f32 [N, C, H, W] of any layout.
ChannelTile tile_of(const Tensor& image, std::int64_t n, std::int64_t first_channel);

// Channels that `image` stores: C rounded up to whole blocks.
std::int64_t stored_channels(const TensorSpec& image);

// y = x for pixels [begin, end) of `channels` <= 8 channels; further ones up to `stored` become 0.
struct TileExtent {
  std::int64_t begin, end;
  std::int64_t channels, stored;
};
void move_tile(const ChannelTile& x, const ChannelTile& y, const TileExtent& extent);

}  // namespace lrcn::cpu
