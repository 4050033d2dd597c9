// Where the elements of a tensor lie, written down independently of the kernels.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/buffer.h"
#include "core/transfer.h"

namespace lrcn::test {

struct Pixel {
  std::int64_t n, c, h, w;
};

// Position in memory, in elements, of one element of a rank 4 tensor. c may point into the padding
// of the last block.
inline std::int64_t offset_of(const TensorSpec& spec, const Pixel& p) {
  const std::int64_t channels = spec.shape[1];
  const std::int64_t height = spec.shape[2];
  const std::int64_t width = spec.shape[3];
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
  std::int64_t index = 0;
  for (std::int64_t n = 0; n < shape[0]; ++n) {
    for (std::int64_t c = 0; c < shape[1]; ++c) {
      for (std::int64_t h = 0; h < shape[2]; ++h) {
        for (std::int64_t w = 0; w < shape[3]; ++w) {
          visit(Pixel{n, c, h, w}, index++);
        }
      }
    }
  }
}

// A copy on the CPU.
inline OwnedTensor on_host(const Tensor& tensor) {
  OwnedTensor copy(Device::cpu(), tensor.spec);
  download(copy.tensor.data, tensor);
  return copy;
}

// The memory of an f32 or bf16 tensor, in its order.
inline std::vector<float> floats_of(const Tensor& tensor) {
  std::vector<float> values(tensor.bytes() / size_of(tensor.spec.dtype));
  if (tensor.spec.dtype == DType::bf16) {
    std::vector<BFloat16> memory(values.size());
    download(memory.data(), tensor);
    std::transform(memory.begin(), memory.end(), values.begin(), to_float);
    return values;
  }
  download(values.data(), tensor);
  return values;
}

// The elements of an f32 or bf16 tensor in row-major order.
inline std::vector<double> values_of(const Tensor& tensor) {
  if (!tensor.device.is_cpu()) {
    return values_of(on_host(tensor).tensor);
  }
  std::vector<double> values(std::size_t(tensor.elements()));
  const std::vector<float> memory = floats_of(tensor);
  if (tensor.spec.layout == Layout::plain) {
    values.assign(memory.begin(), memory.end());
    return values;
  }
  for_each_pixel(tensor.shape(), [&](const Pixel& pixel, std::int64_t index) {
    values[std::size_t(index)] = memory[std::size_t(offset_of(tensor.spec, pixel))];
  });
  return values;
}

// Stores row-major values, with zeros where a layout pads.
inline void store(const std::vector<double>& values, const Tensor& tensor) {
  if (!tensor.device.is_cpu()) {
    const OwnedTensor copy(Device::cpu(), tensor.spec);
    store(values, copy.tensor);
    upload(tensor, copy.tensor.data);
    return;
  }
  if (tensor.spec.dtype == DType::bf16) {
    const OwnedTensor copy(Device::cpu(), {tensor.shape(), DType::f32, tensor.spec.layout});
    store(values, copy.tensor);
    const std::vector<float> floats = floats_of(copy.tensor);
    std::transform(floats.begin(), floats.end(), tensor.span<BFloat16>().begin(), to_bfloat16);
    return;
  }
  const auto memory = tensor.span<float>();
  std::fill(memory.begin(), memory.end(), 0.0f);
  if (tensor.spec.layout == Layout::plain) {
    std::copy(values.begin(), values.end(), memory.begin());
    return;
  }
  for_each_pixel(tensor.shape(), [&](const Pixel& pixel, std::int64_t index) {
    memory[std::size_t(offset_of(tensor.spec, pixel))] = float(values[std::size_t(index)]);
  });
}

// Whether the channels that fill the last block of a blocked layout are zero.
inline bool padding_is_zero(const Tensor& tensor) {
  if (!tensor.device.is_cpu()) {
    return padding_is_zero(on_host(tensor).tensor);
  }
  if (tensor.spec.layout != Layout::blocked8 && tensor.spec.layout != Layout::blocked16) {
    return true;
  }
  const std::int64_t block = tensor.spec.layout == Layout::blocked8 ? 8 : 16;
  const Shape& shape = tensor.shape();
  const std::int64_t padded = (shape[1] + block - 1) / block * block;
  const std::vector<float> memory = floats_of(tensor);
  bool zero = true;
  for_each_pixel({shape[0], padded - shape[1], shape[2], shape[3]}, [&](Pixel pixel, std::int64_t) {
    pixel.c += shape[1];
    zero = zero && memory[std::size_t(offset_of(tensor.spec, pixel))] == 0.0f;
  });
  return zero;
}

}  // namespace lrcn::test
