#include "kernels/optimizer.h"

#include <cmath>

#include "kernels/cpu/parallel.h"
#include "kernels/vector_math.h"

namespace lrcn::cpu {
namespace {

// Calls update(begin, end, rate, decay) for pieces of every segment that learns.
template <class Update>
void each_piece(const StepState& step, const UpdateArena& arena, float weight_decay,
                const Update& update) {
  if (!std::isfinite(step.gradient_scale)) {
    return;
  }
  for (const UpdateSegment& segment : arena.segments) {
    const float rate = step.learning_rate * segment.lr_mult;
    const float decay = weight_decay * segment.decay_mult;
    if (segment.lr_mult == 0.0f) {
      continue;
    }
    for_chunks(segment.end - segment.begin, kChunk, [&](std::int64_t begin, std::int64_t end) {
      update(segment.begin + begin, segment.begin + end, rate, decay);
    });
  }
}

// The gradient as the rules see it: scaled, with the decay's part added.
inline float effective(float gradient, float scale, float decay, float w) {
  return multiply_add(decay, w, gradient * scale);
}

}  // namespace

void sgd_update(Context& context, const UpdateArena& arena, const SgdOptions& options) {
  check_update("sgd_update", arena, 1);
  const StepState& step = context.step_state();
  const float scale = step.gradient_scale;
  const float momentum = options.momentum;
  float* w = arena.value.as<float>();
  const float* g = arena.gradient.as<float>();
  float* v = arena.state.as<float>();
  each_piece(step, arena, options.weight_decay,
             [=](std::int64_t begin, std::int64_t end, float rate, float decay) {
#pragma omp simd
               for (std::int64_t i = begin; i < end; ++i) {
                 const float d = effective(g[i], scale, decay, w[i]);
                 v[i] = multiply_add(momentum, v[i], rate * d);
                 w[i] -= v[i];
               }
             });
}

void adam_update(Context& context, const UpdateArena& arena, const AdamOptions& options) {
  check_update("adam_update", arena, 2);
  const StepState& step = context.step_state();
  const float scale = step.gradient_scale;
  const float beta1 = options.beta1;
  const float beta2 = options.beta2;
  const float rest1 = float(1.0 - double(beta1));
  const float rest2 = float(1.0 - double(beta2));
  const float epsilon = options.epsilon;
  const double t = double(step.step) + 1.0;
  const double correction1 = 1.0 - std::pow(double(beta1), t);
  const float root2 = float(1.0 / std::sqrt(1.0 - std::pow(double(beta2), t)));
  float* w = arena.value.as<float>();
  const float* g = arena.gradient.as<float>();
  float* m = arena.state.as<float>();
  float* v = arena.state2.as<float>();
  each_piece(step, arena, options.weight_decay,
             [=](std::int64_t begin, std::int64_t end, float rate, float decay) {
               const float size = float(double(rate) / correction1);
#pragma omp simd
               for (std::int64_t i = begin; i < end; ++i) {
                 const float d = effective(g[i], scale, decay, w[i]);
                 m[i] = multiply_add(beta1, m[i], rest1 * d);
                 v[i] = multiply_add(beta2, v[i], rest2 * d * d);
                 w[i] -= size * m[i] / multiply_add(std::sqrt(v[i]), root2, epsilon);
               }
             });
}

void rmsprop_update(Context& context, const UpdateArena& arena, const RmsPropOptions& options) {
  check_update("rmsprop_update", arena, 1);
  const StepState& step = context.step_state();
  const float scale = step.gradient_scale;
  const float alpha = options.decay;
  const float rest = float(1.0 - double(alpha));
  const float epsilon = options.epsilon;
  float* w = arena.value.as<float>();
  const float* g = arena.gradient.as<float>();
  float* s = arena.state.as<float>();
  each_piece(step, arena, options.weight_decay,
             [=](std::int64_t begin, std::int64_t end, float rate, float decay) {
#pragma omp simd
               for (std::int64_t i = begin; i < end; ++i) {
                 const float d = effective(g[i], scale, decay, w[i]);
                 s[i] = multiply_add(alpha, s[i], rest * d * d);
                 w[i] -= rate * d / (std::sqrt(s[i]) + epsilon);
               }
             });
}

}  // namespace lrcn::cpu
