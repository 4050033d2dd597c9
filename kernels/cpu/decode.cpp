#include "kernels/decode.h"

#include <cmath>

#include "core/rng.h"
#include "kernels/cpu/parallel.h"
#include "kernels/cpu/softmax_row.h"

namespace lrcn::cpu {
namespace {

constexpr std::int64_t kScanBlock = 64;  // short, because few blocks hold one of the best

struct Candidate {
  float logit;
  std::int32_t index;

  // Higher logit, then lower index.
  friend bool operator<(const Candidate& a, const Candidate& b) {
    return a.logit > b.logit || (a.logit == b.logit && a.index < b.index);
  }
};

// log sum_v exp(x_v - largest).
float log_sum_of(const float* x, std::int64_t size, float largest) {
  return float(std::log(row_exp_sum(x, size, largest)));
}

// Fills best[0, count) with the first candidates of the row in their order. A block without any
// element above the worst of the best so far is passed over by one vector comparison.
void select_best(const float* x, std::int64_t size, std::int64_t count, Candidate* best) {
  constexpr float kNothing = -std::numeric_limits<float>::infinity();
  std::int64_t held = 0;
  for (std::int64_t begin = 0; begin < size; begin += kScanBlock) {
    const std::int64_t end = std::min(size, begin + kScanBlock);
    if (held == count && !(row_max(x + begin, end - begin) > best[0].logit)) {
      continue;
    }
    for (std::int64_t v = begin; v < end; ++v) {
      const Candidate next{std::isnan(x[v]) ? kNothing : x[v], std::int32_t(v)};
      if (held < count) {
        best[held++] = next;
        std::push_heap(best, best + held);  // the worst candidate on top
      } else if (next < best[0]) {
        std::pop_heap(best, best + count);
        best[count - 1] = next;
        std::push_heap(best, best + count);
      }
    }
  }
  std::sort_heap(best, best + count);
}

// Index of the element at which the cumulative sum of exp((x - largest) / temperature) passes
// `target`.
std::int64_t invert_cumulative(const float* x, std::int64_t size, float largest, float factor,
                               double target) {
  std::int64_t last = 0;
  for (std::int64_t begin = 0; begin < size; begin += kSumBlock) {
    const std::int64_t end = std::min(size, begin + kSumBlock);
    const double block = row_exp_sum(x + begin, end - begin, largest, factor);
    if (target >= block) {
      target -= block;
      continue;
    }
    for (std::int64_t v = begin; v < end; ++v) {
      const double mass = vector_exp((x[v] - largest) * factor);
      if (mass > 0.0) {
        last = v;
        if (target < mass) {
          return v;
        }
      }
      target -= mass;
    }
  }
  return last;  // rounding let the target pass the end
}

}  // namespace

void argmax_rows(Context&, Tensor logits, const Choice& choice) {
  check_argmax_rows(logits, choice);
  const std::int64_t rows = logits.shape()[0];
  const std::int64_t size = logits.shape()[1];
  const float* x = logits.as<float>();
  std::int32_t* index = choice.index.as<std::int32_t>();
  float* log_probability = choice.log_probability ? choice.log_probability.as<float>() : nullptr;
  for_rows(rows, size, [=](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) {
      const float* row = x + r * size;
      const float largest = row_max(row, size);
      const std::int64_t first = first_equal(row, size, largest);
      index[r] = first == size ? 0 : std::int32_t(first);
      if (log_probability != nullptr) {
        log_probability[r] = -log_sum_of(row, size, largest);
      }
    }
  });
}

void top_k_rows(Context&, Tensor logits, const Choice& choice) {
  check_top_k_rows(logits, choice);
  const std::int64_t rows = logits.shape()[0];
  const std::int64_t size = logits.shape()[1];
  const std::int64_t count = choice.index.shape()[1];
  const float* x = logits.as<float>();
  std::int32_t* index = choice.index.as<std::int32_t>();
  float* log_probability = choice.log_probability ? choice.log_probability.as<float>() : nullptr;
  for_rows(rows, size, [=](std::int64_t begin, std::int64_t end) {
    Candidate best[kMostTopK];
    for (std::int64_t r = begin; r < end; ++r) {
      const float* row = x + r * size;
      select_best(row, size, count, best);
      const float largest = row_max(row, size);
      const float log_sum = log_probability != nullptr ? log_sum_of(row, size, largest) : 0.0f;
      for (std::int64_t k = 0; k < count; ++k) {
        index[r * count + k] = best[k].index;
        if (log_probability != nullptr) {
          log_probability[r * count + k] = (row[best[k].index] - largest) - log_sum;
        }
      }
    }
  });
}

void sample_rows(Context& context, Tensor logits, const Choice& choice,
                 const SampleOptions& options) {
  check_sample_rows(logits, choice, options);
  const std::int64_t rows = logits.shape()[0];
  const std::int64_t size = logits.shape()[1];
  const float* x = logits.as<float>();
  std::int32_t* index = choice.index.as<std::int32_t>();
  float* log_probability = choice.log_probability ? choice.log_probability.as<float>() : nullptr;
  const Random random(context.step_state().seed, Purpose::sample, options.stream);
  const std::uint64_t step = context.step_state().step;
  const std::uint64_t first = std::uint64_t(options.first_sequence);
  const float factor = 1.0f / options.temperature;
  for_rows(rows, size, [=](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) {
      const float* row = x + r * size;
      const float largest = row_max(row, size);
      const double uniform = random.uniform(step, first + std::uint64_t(r));
      const double target = uniform * row_exp_sum(row, size, largest, factor);
      const std::int64_t drawn = invert_cumulative(row, size, largest, factor, target);
      index[r] = std::int32_t(drawn);
      if (log_probability != nullptr) {
        log_probability[r] = (row[drawn] - largest) - log_sum_of(row, size, largest);
      }
    }
  });
}

}  // namespace lrcn::cpu
