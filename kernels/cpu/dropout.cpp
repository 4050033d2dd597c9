#include "kernels/dropout.h"

#include "kernels/cpu/parallel.h"
#include "kernels/cpu/philox_lanes.h"

namespace lrcn::cpu {

void dropout(Context& context, Tensor x, Tensor y, const DropoutOptions& options) {
  check_dropout(x, y, options);
  const float probability = options.probability;
  const Random random(context.step_state().seed, Purpose::dropout, options.stream);
  const std::uint64_t step = context.step_state().step;
  const float factor = float(1.0 / (1.0 - double(probability)));
  const float* in = x.as<float>();
  float* out = y.as<float>();
  constexpr std::int64_t kGroup = 4 * kPhiloxLanes;  // divides kChunk
  static_assert(kChunk % kGroup == 0);
  for_chunks(x.elements(), kChunk, [=](std::int64_t begin, std::int64_t end) {
    std::uint32_t words[kGroup];
    for (std::int64_t group = begin; group < end; group += kGroup) {
      philox_lanes(random, step, std::uint64_t(group / 4), words);
      const std::int64_t size = std::min(kGroup, end - group);
#pragma omp simd
      for (std::int64_t i = 0; i < size; ++i) {
        const float value = in[group + i] * factor;
        out[group + i] = Random::to_unit(words[i]) >= probability ? value : 0.0f;
      }
    }
  });
}

}  // namespace lrcn::cpu
