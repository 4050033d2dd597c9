// Inverted dropout whose mask is recomputed, never stored.
//
// Srivastava et al.: "DropoutFunction", JMLR 2014. Element e survives when the Philox word e % 4 of
// block (StepState::step, e / 4), mapped to [0, 1), is at least `probability`; survivors are
// divided by 1 - probability. The key is (StepState::seed, Purpose::dropout, stream). Evaluation is
// the identity: copy_to of kernels/elementwise.h.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/tensor.h"
#include "kernels/op.h"

namespace lrcn {

struct DropoutOptions {
  float probability = 0.5f;  // of dropping an element, in [0, 1)
  std::uint32_t stream = 0;  // tells layers apart: stream_of(its name)
};

// FNV-1a of a layer's name.
constexpr std::uint32_t stream_of(std::string_view name) {
  std::uint32_t hash = 2166136261u;
  for (const char letter : name) {
    hash = (hash ^ static_cast<unsigned char>(letter)) * 16777619u;
  }
  return hash;
}

// y = mask x / (1 - p). The gradient is the same map, dx = mask dy / (1 - p), and is computed by
// the same call as long as StepState has not moved on. x, y: f32 or, on CUDA, bf16 of one plain
// spec; y may be x. A dropped element is 0 whatever x holds. Throws ArgumentError for a probability
// outside of [0, 1), other types or different specs.
using DropoutFunction = void(Context&, Tensor x, Tensor y, const DropoutOptions& options);

namespace cpu {
DropoutFunction dropout;
}
namespace cuda {
DropoutFunction dropout;
}

inline constexpr Op<DropoutFunction> dropout_forward{"dropout_forward", cpu::dropout,
                                                     LRCN_CUDA_OP(cuda::dropout)};
inline constexpr Op<DropoutFunction> dropout_backward{"dropout_backward", cpu::dropout,
                                                      LRCN_CUDA_OP(cuda::dropout)};

// The checks all backends share. Throws ArgumentError.
void check_dropout(const Tensor& x, const Tensor& y, const DropoutOptions& options);

}  // namespace lrcn
