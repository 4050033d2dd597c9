// The gradient through a ReLU that was fused into what came before it.
#pragma once

#include "core/tensor.h"

namespace lrcn::cpu {

// dy = 0 where y is not above 0. Both f32 of one spec, padding of blocked layouts included.
inline void close_relu(const Tensor& y, const Tensor& dy) {
  const float* value = y.as<float>();
  float* gradient = dy.as<float>();
  const auto count = std::int64_t(dy.bytes() / sizeof(float));
#pragma omp parallel for simd schedule(static)
  for (std::int64_t i = 0; i < count; ++i) {
    gradient[i] = value[i] > 0.0f ? gradient[i] : 0.0f;
  }
}

}  // namespace lrcn::cpu
