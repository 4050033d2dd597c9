// What the batches of a training step add up to, kept on the device so that nobody waits for it.
#pragma once

#include "core/tensor.h"
#include "kernels/op.h"

namespace lrcn {

// A u8 tensor of these bytes; all zero before the first batch.
struct StepMeters {
  double weighted_loss = 0.0;  // sum over the batches of loss times counted
  double loss = 0.0;           // sum over the batches
  double counted = 0.0;        // tokens or samples with a target
  double correct = 0.0;        // of these, predicted right
};

inline const TensorSpec kStepMetersSpec{{std::int64_t(sizeof(StepMeters))}, DType::u8};

// meters += one batch. loss: f32 [1] or []; tally: f32 [2], counted and correct.
using AddToMetersFunction = void(Context&, Tensor loss, Tensor tally, Tensor meters);
// Sets StepState::gradient_scale to NaN, so that the next update changes nothing, unless the sum of
// the losses is finite.
using WithholdUpdateFunction = void(Context&, Tensor meters);

namespace cpu {
AddToMetersFunction add_to_meters;
WithholdUpdateFunction withhold_update;
}  // namespace cpu
namespace cuda {
AddToMetersFunction add_to_meters;
WithholdUpdateFunction withhold_update;
}  // namespace cuda

// Both throw ArgumentError for tensors of other types or sizes.
inline constexpr Op<AddToMetersFunction> add_to_meters{"add_to_meters", cpu::add_to_meters,
                                                       LRCN_CUDA_OP(cuda::add_to_meters)};
inline constexpr Op<WithholdUpdateFunction> withhold_update{"withhold_update", cpu::withhold_update,
                                                            LRCN_CUDA_OP(cuda::withhold_update)};

// The checks all backends share.
void check_add_to_meters(const Tensor& loss, const Tensor& tally, const Tensor& meters);
void check_meters(const char* op, const Tensor& meters);

}  // namespace lrcn
