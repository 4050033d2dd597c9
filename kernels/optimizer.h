// Updates of the flat parameter arena, one pass for each rule.
//
// Learning rate, step number and gradient scale come from StepState. For a segment, with
// g = gradient_scale * gradient + weight_decay * decay_mult * w and r = learning_rate * lr_mult:
// segments whose lr_mult is 0 stay untouched, state included; so does all outside of segments, and
// everything when gradient_scale is not finite.
#pragma once

#include <cstdint>
#include <span>

#include "core/tensor.h"
#include "kernels/op.h"

namespace lrcn {

// Elements [begin, end) of the arena.
struct UpdateSegment {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  float lr_mult = 1.0f;
  float decay_mult = 1.0f;
};

// f32 [P] each.
struct UpdateArena {
  Tensor value = {};     // w
  Tensor gradient = {};  // read only
  Tensor state = {};     // first state: momentum, first moment or mean square; zero before step 0
  Tensor state2 = {};    // second state (Adam: second moment); absent elsewhere
  // Disjoint; memory of the context's device.
  std::span<const UpdateSegment> segments = {};
};

struct SgdOptions {
  float momentum = 0.9f;
  float weight_decay = 0.0f;
};

struct AdamOptions {
  float beta1 = 0.9f;
  float beta2 = 0.999f;
  float epsilon = 1e-8f;
  float weight_decay = 0.0f;
};

struct RmsPropOptions {
  float decay = 0.95f;  // of the mean square
  float epsilon = 1e-8f;
  float weight_decay = 0.0f;
};

// Each throws ArgumentError when tensors are absent, of other types or of different length.
using SgdUpdateFunction = void(Context&, const UpdateArena& arena, const SgdOptions& options);
using AdamUpdateFunction = void(Context&, const UpdateArena& arena, const AdamOptions& options);
using RmsPropUpdateFunction = void(Context&, const UpdateArena& arena,
                                   const RmsPropOptions& options);

namespace cpu {
SgdUpdateFunction sgd_update;
AdamUpdateFunction adam_update;
RmsPropUpdateFunction rmsprop_update;
}  // namespace cpu
namespace cuda {
SgdUpdateFunction sgd_update;
AdamUpdateFunction adam_update;
RmsPropUpdateFunction rmsprop_update;
}  // namespace cuda

// Caffe's momentum: v = momentum v + r g, w -= v.
inline constexpr Op<SgdUpdateFunction> sgd_update{"sgd_update", cpu::sgd_update,
                                                  LRCN_CUDA_OP(cuda::sgd_update)};
// Kingma and Ba 2015, in the form of torch.optim.Adam with t = StepState::step + 1:
// m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2,
// w -= r / (1 - b1^t) m / (sqrt(v) / sqrt(1 - b2^t) + epsilon).
inline constexpr Op<AdamUpdateFunction> adam_update{"adam_update", cpu::adam_update,
                                                    LRCN_CUDA_OP(cuda::adam_update)};
// As in Torch7's optim.rmsprop: s = decay s + (1 - decay) g^2, w -= r g / (sqrt(s) + epsilon).
inline constexpr Op<RmsPropUpdateFunction> rmsprop_update{"rmsprop_update", cpu::rmsprop_update,
                                                          LRCN_CUDA_OP(cuda::rmsprop_update)};

// The checks all backends share: as many states as the rule uses. Throws ArgumentError naming the
// tensor. Segments are memory of the device and not checked.
void check_update(const char* op, const UpdateArena& arena, int states);

}  // namespace lrcn
