#include "tests/reference/layout.h"

#include <algorithm>

#include "core/transfer.h"

namespace lrcn::test {

OwnedTensor on_host(const Tensor& tensor) {
  OwnedTensor copy(Device::cpu(), tensor.spec);
  download(copy.tensor.data, tensor);
  return copy;
}

std::vector<float> floats_of(const Tensor& tensor) {
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

std::vector<double> values_of(const Tensor& tensor) {
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

void store(const std::vector<double>& values, const Tensor& tensor) {
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

bool padding_is_zero(const Tensor& tensor) {
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
