// Inverted dropout: a thread draws one Philox block and so decides about four elements.
#include "core/rng.h"
#include "kernels/cuda/map.h"
#include "kernels/dropout.h"

namespace lrcn::cuda {
namespace {

struct Mask {
  float probability;  // of dropping
  float factor;       // of what stays
  std::uint32_t stream;
};

template <class T>
__global__ void dropout_kernel(const StepState* state, Mask mask, std::int64_t size, bool aligned,
                               const T* x, T* y) {
  const Random random(state->seed, Purpose::dropout, mask.stream);
  const std::uint64_t update = state->step;
  const std::int64_t step = std::int64_t(gridDim.x) * blockDim.x;
  for (std::int64_t four = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x; 4 * four < size;
       four += step) {
    const PhiloxBlock draws = random.block(update, std::uint64_t(four));
    const auto masked = [&](float value, int i) {
      const bool stays = Random::to_unit(draws.word[i]) >= mask.probability;
      return stays ? value * mask.factor : 0.0f;
    };
    if (aligned && 4 * four + 4 <= size) {
      FourOf<float> values = load(fours_of(x) + four);
      for (int i = 0; i < 4; ++i) {
        values.at[i] = masked(values.at[i], i);
      }
      store(fours_of(y) + four, values);
    } else {
      for (int i = 0; i < 4; ++i) {
        const std::int64_t element = 4 * four + i;
        if (element < size) {
          store(y + element, masked(load(x + element), i));
        }
      }
    }
  }
}

}  // namespace

void dropout(Context& context, Tensor x, Tensor y, const DropoutOptions& options) {
  check_dropout(x, y, options);
  constexpr unsigned kThreads = 256;
  const Mask mask{.probability = options.probability,
                  .factor = float(1.0 / (1.0 - double(options.probability))),
                  .stream = options.stream};
  with_element(x.spec.dtype, [&]<class T>(T) {
    launch(context, blocks_for(x.elements(), 4 * kThreads), kThreads, 0, dropout_kernel<T>,
           context.step_state_memory(), mask, x.elements(), at_fours(x) && at_fours(y), x.as<T>(),
           y.as<T>());
  });
}

}  // namespace lrcn::cuda
