#include "kernels/step_meters.h"

#include <cmath>
#include <limits>

namespace lrcn::cpu {

void add_to_meters(Context&, Tensor loss, Tensor tally, Tensor meters) {
  check_add_to_meters(loss, tally, meters);
  auto& sum = *static_cast<StepMeters*>(meters.data);
  const double mean = *loss.as<float>();
  const float* counts = tally.as<float>();
  sum.weighted_loss += mean * double(counts[0]);
  sum.loss += mean;
  sum.counted += double(counts[0]);
  sum.correct += double(counts[1]);
}

void withhold_update(Context& context, Tensor meters) {
  check_meters("withhold_update", meters);
  if (!std::isfinite(static_cast<const StepMeters*>(meters.data)->loss)) {
    context.step_state_memory()->gradient_scale = std::numeric_limits<float>::quiet_NaN();
  }
}

}  // namespace lrcn::cpu
