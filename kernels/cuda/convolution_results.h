// Memory of what a convolution computes.
#pragma once

#include <cstdint>

#include "kernels/cuda/element.h"

namespace lrcn::cuda {

// Memory of results of either type; their type is asked for with each of them.
struct ResultMemory {
  float* f32 = nullptr;
  BFloat16* bf16 = nullptr;  // instead of f32

  ResultMemory() = default;
  __host__ __device__ explicit ResultMemory(float* data) : f32(data) {}
  // Of a tensor that was checked to be f32 or bf16.
  explicit ResultMemory(const Tensor& tensor) {
    if (tensor.spec.dtype == DType::bf16) {
      bf16 = tensor.as<BFloat16>();
    } else {
      f32 = tensor.as<float>();
    }
  }

  __device__ ResultMemory from(std::int64_t offset) const {
    ResultMemory part;
    part.f32 = f32 == nullptr ? nullptr : f32 + offset;
    part.bf16 = bf16 == nullptr ? nullptr : bf16 + offset;
    return part;
  }
  // Two values as this memory would hold them.
  __device__ Pack<float, 2> rounded(float first, float second) const {
    if (bf16 == nullptr) {
      return {{first, second}};
    }
    const std::uint32_t pair = bf16_pair_of(first, second);
    return {{low_of_bf16_pair(pair), high_of_bf16_pair(pair)}};
  }
  __device__ void store(std::int64_t i, float value) const {
    if (bf16 != nullptr) {
      lrcn::cuda::store(bf16 + i, value);
    } else {
      f32[i] = value;
    }
  }
  // From a multiple of `count` on, where they are to be written at once.
  template <int count>
  __device__ void store(std::int64_t i, const Pack<float, count>& values) const {
    if (bf16 != nullptr) {
      lrcn::cuda::store(reinterpret_cast<Pack<BFloat16, count>*>(bf16 + i), values);
    } else {
      *reinterpret_cast<Pack<float, count>*>(f32 + i) = values;
    }
  }
};

}  // namespace lrcn::cuda
