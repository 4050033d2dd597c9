// Inverted dropout: a thread draws one Philox block and so decides about four elements.
#include "core/rng.h"
#include "kernels/cuda/element.h"
#include "kernels/cuda/grid_size.h"
#include "kernels/cuda/launch.h"
#include "kernels/dropout.h"

namespace lrcn::cuda {
namespace {

struct Mask {
  float probability;  // of dropping
  float factor;       // of what stays
  std::uint32_t stream;
};

template <class T>
__global__ void dropout_kernel(const StepState* state, Mask mask, std::int64_t size, const T* x,
                               T* y) {
  const Random random(state->seed, Purpose::dropout, mask.stream);
  const std::uint64_t update = state->step;
  const std::int64_t step = std::int64_t(gridDim.x) * blockDim.x;
  for (std::int64_t four = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x; 4 * four < size;
       four += step) {
    const PhiloxBlock draws = random.block(update, std::uint64_t(four));
    for (int i = 0; i < 4; ++i) {
      const std::int64_t element = 4 * four + i;
      if (element < size) {
        const bool stays = Random::to_unit(draws.word[i]) >= mask.probability;
        store(y + element, stays ? load(x + element) * mask.factor : 0.0f);
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
           context.step_state_memory(), mask, x.elements(), x.as<T>(), y.as<T>());
  });
}

}  // namespace lrcn::cuda
