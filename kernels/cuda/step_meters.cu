// Sums over the batches of a step: one thread, in the order of the stream.
#include <cmath>
#include <limits>

#include "kernels/cuda/launch.h"
#include "kernels/step_meters.h"

namespace lrcn::cuda {
namespace {

__global__ void add_to_meters_kernel(const float* loss, const float* tally, StepMeters* meters) {
  const double mean = *loss;
  meters->weighted_loss += mean * double(tally[0]);
  meters->loss += mean;
  meters->counted += double(tally[0]);
  meters->correct += double(tally[1]);
}

__global__ void withhold_update_kernel(const StepMeters* meters, StepState* state) {
  if (!std::isfinite(meters->loss)) {
    state->gradient_scale = std::numeric_limits<float>::quiet_NaN();
  }
}

}  // namespace

void add_to_meters(Context& context, Tensor loss, Tensor tally, Tensor meters) {
  check_add_to_meters(loss, tally, meters);
  launch(context, 1, 1, 0, add_to_meters_kernel, loss.as<float>(), tally.as<float>(),
         static_cast<StepMeters*>(meters.data));
}

void withhold_update(Context& context, Tensor meters) {
  check_meters("withhold_update", meters);
  launch(context, 1, 1, 0, withhold_update_kernel, static_cast<const StepMeters*>(meters.data),
         context.step_state_memory());
}

}  // namespace lrcn::cuda
