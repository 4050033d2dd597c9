// Updates of the flat arena, one launch for each rule: all blocks walk along every segment
// together.
#include <cmath>

#include "kernels/cuda/grid_size.h"
#include "kernels/cuda/launch.h"
#include "kernels/optimizer.h"
#include "kernels/vector_math.h"

namespace lrcn::cuda {
namespace {

constexpr unsigned kThreads = 256;

// f32 [P] each.
struct Arena {
  float* w;
  const float* g;
  float* state;
  float* state2;
  const UpdateSegment* segments;
  std::int64_t count;  // of segments
};

// Calls update(i, rate, decay) for the elements of this thread in every segment that learns.
template <class Update>
__device__ void each_element(const Arena& arena, const StepState& state, float weight_decay,
                             const Update& update) {
  if (!std::isfinite(state.gradient_scale)) {
    return;
  }
  const std::int64_t first = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  const std::int64_t step = std::int64_t(gridDim.x) * blockDim.x;
  for (std::int64_t s = 0; s < arena.count; ++s) {
    const UpdateSegment segment = arena.segments[s];
    if (segment.lr_mult == 0.0f) {
      continue;
    }
    const float rate = state.learning_rate * segment.lr_mult;
    const float decay = weight_decay * segment.decay_mult;
    for (std::int64_t i = segment.begin + first; i < segment.end; i += step) {
      update(i, rate, decay);
    }
  }
}

// The gradient as the rules see it: scaled, with the decay's part added.
__device__ inline float effective(const Arena& arena, std::int64_t i, float scale, float decay) {
  return multiply_add(decay, arena.w[i], arena.g[i] * scale);
}

__global__ void sgd_update_kernel(Arena arena, const StepState* step, SgdOptions options) {
  const StepState state = *step;
  each_element(arena, state, options.weight_decay, [&](std::int64_t i, float rate, float decay) {
    const float d = effective(arena, i, state.gradient_scale, decay);
    const float v = multiply_add(options.momentum, arena.state[i], rate * d);
    arena.state[i] = v;
    arena.w[i] -= v;
  });
}

// 1 - beta1^t and 1 / sqrt(1 - beta2^t).
struct Correction {
  double first;
  float root2;
};

__global__ void adam_update_kernel(Arena arena, const StepState* step, AdamOptions options) {
  auto* correction = dynamic_shared<Correction>();
  const StepState state = *step;
  if (threadIdx.x == 0) {  // powers of doubles are expensive
    const double t = double(state.step) + 1.0;
    correction->first = 1.0 - std::pow(double(options.beta1), t);
    correction->root2 = float(1.0 / std::sqrt(1.0 - std::pow(double(options.beta2), t)));
  }
  __syncthreads();
  const double first = correction->first;
  const float root2 = correction->root2;
  const float rest1 = float(1.0 - double(options.beta1));
  const float rest2 = float(1.0 - double(options.beta2));
  each_element(arena, state, options.weight_decay, [&](std::int64_t i, float rate, float decay) {
    const float size = float(double(rate) / first);
    const float d = effective(arena, i, state.gradient_scale, decay);
    const float m = multiply_add(options.beta1, arena.state[i], rest1 * d);
    const float v = multiply_add(options.beta2, arena.state2[i], rest2 * d * d);
    arena.state[i] = m;
    arena.state2[i] = v;
    arena.w[i] -= size * m / multiply_add(std::sqrt(v), root2, options.epsilon);
  });
}

__global__ void rmsprop_update_kernel(Arena arena, const StepState* step, RmsPropOptions options) {
  const StepState state = *step;
  const float rest = float(1.0 - double(options.decay));
  each_element(arena, state, options.weight_decay, [&](std::int64_t i, float rate, float decay) {
    const float d = effective(arena, i, state.gradient_scale, decay);
    const float s = multiply_add(options.decay, arena.state[i], rest * d * d);
    arena.state[i] = s;
    arena.w[i] -= rate * d / (std::sqrt(s) + options.epsilon);
  });
}

template <class Options>
void update(Context& context, const UpdateArena& arena, std::size_t shared_bytes,
            void (*kernel)(Arena, const StepState*, Options), const Options& options) {
  const Arena memory{.w = arena.value.as<float>(),
                     .g = arena.gradient.as<float>(),
                     .state = arena.state.as<float>(),
                     .state2 = arena.state2 ? arena.state2.as<float>() : nullptr,
                     .segments = arena.segments.data(),
                     .count = std::int64_t(arena.segments.size())};
  launch(context, blocks_for(arena.value.elements(), kThreads), kThreads, shared_bytes, kernel,
         memory, context.step_state_memory(), options);
}

}  // namespace

void sgd_update(Context& context, const UpdateArena& arena, const SgdOptions& options) {
  check_update("sgd_update", arena, 1);
  update(context, arena, 0, sgd_update_kernel, options);
}

void adam_update(Context& context, const UpdateArena& arena, const AdamOptions& options) {
  check_update("adam_update", arena, 2);
  update(context, arena, sizeof(Correction), adam_update_kernel, options);
}

void rmsprop_update(Context& context, const UpdateArena& arena, const RmsPropOptions& options) {
  check_update("rmsprop_update", arena, 1);
  update(context, arena, 0, rmsprop_update_kernel, options);
}

}  // namespace lrcn::cuda
