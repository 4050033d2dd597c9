// Where the elements of a tensor lie, written down independently of the kernels.
#pragma once

#include <cstdint>
#include <vector>

#include "core/buffer.h"

namespace lrcn::test {

struct Pixel {
  std::int64_t n, c, h, w;
};

// Position in memory, in elements, of one element of a rank 4 tensor. c may point into the padding
// of the last block.
inline std::int64_t offset_of(const TensorSpec& spec, const Pixel& p) {
  const auto extents = spec.shape.extents();
  const std::int64_t channels = extents[1];
  const std::int64_t height = extents[2];
  const std::int64_t width = extents[3];
  if (spec.layout == Layout::plain) {
    return ((p.n * channels + p.c) * height + p.h) * width + p.w;
  }
  if (spec.layout == Layout::nhwc) {
    return ((p.n * height + p.h) * width + p.w) * channels + p.c;
  }
  const std::int64_t block = spec.layout == Layout::blocked8 ? 8 : 16;
  const std::int64_t blocks = (channels + block - 1) / block;
  return (((p.n * blocks + p.c / block) * height + p.h) * width + p.w) * block + p.c % block;
}

// Calls visit(pixel, row-major index) for every element of [N, C, H, W].
template <class Visit>
void for_each_pixel(const Shape& shape, Visit&& visit) {
  const Pixel end{shape[0], shape[1], shape[2], shape[3]};
  std::int64_t index = 0;
  for (std::int64_t n = 0; n < end.n; ++n) {
    for (std::int64_t c = 0; c < end.c; ++c) {
      for (std::int64_t h = 0; h < end.h; ++h) {
        for (std::int64_t w = 0; w < end.w; ++w) {
          visit(Pixel{n, c, h, w}, index++);
        }
      }
    }
  }
}

// A copy on the CPU.
OwnedTensor on_host(const Tensor& tensor);

// The memory of an f32 or bf16 tensor, in its order.
std::vector<float> floats_of(const Tensor& tensor);

// The elements of an f32 or bf16 tensor in row-major order.
std::vector<double> values_of(const Tensor& tensor);

// Stores row-major values, with zeros where a layout pads.
void store(const std::vector<double>& values, const Tensor& tensor);

// Whether the channels that fill the last block of a blocked layout are zero.
bool padding_is_zero(const Tensor& tensor);

}  // namespace lrcn::test
