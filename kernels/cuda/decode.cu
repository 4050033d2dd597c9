// Choosing the next symbol, a block for each row of logits.
#include <cmath>
#include <limits>

#include "core/rng.h"
#include "kernels/cuda/grid_size.h"
#include "kernels/cuda/launch.h"
#include "kernels/cuda/softmax_row.h"
#include "kernels/decode.h"

namespace lrcn::cuda {
namespace {

constexpr unsigned kThreads = 256;
constexpr std::int64_t kMostRows = 1 << 20;

struct Candidate {
  float logit;
  std::int32_t index;
};

// Higher logit, then lower index.
__device__ bool is_before(const Candidate& a, const Candidate& b) {
  return a.logit > b.logit || (a.logit == b.logit && a.index < b.index);
}

struct FirstCandidate {
  __device__ Candidate operator()(const Candidate& a, const Candidate& b) const {
    return is_before(b, a) ? b : a;
  }
};

// What every other candidate is before.
__device__ Candidate no_candidate() {
  return {-std::numeric_limits<float>::infinity(), std::numeric_limits<std::int32_t>::max()};
}

template <class T>
struct RowsOfLogits {
  const T* logits;         // [R, V]
  std::int64_t rows;       // R
  std::int64_t width;      // V
  std::int32_t* index;     // [R] or [R, K]
  float* log_probability;  // as index, or absent
};

// log sum_v exp(x_v - largest)
template <class T>
__device__ float log_sum_of(const T* x, std::int64_t size, float largest, void* scratch) {
  return float(std::log(row_exp_sum(x, size, largest, scratch)));
}

template <class T>
__global__ void argmax_rows_kernel(RowsOfLogits<T> rows) {
  void* scratch = dynamic_shared<void>();
  for (std::int64_t r = blockIdx.x; r < rows.rows; r += gridDim.x) {
    const T* x = rows.logits + r * rows.width;
    Candidate best = no_candidate();
    for (std::int64_t v = threadIdx.x; v < rows.width; v += blockDim.x) {
      best = FirstCandidate()(best, {load(x + v), std::int32_t(v)});
    }
    best = block_reduce(best, scratch, FirstCandidate());
    const float log_sum =
        rows.log_probability != nullptr ? log_sum_of(x, rows.width, best.logit, scratch) : 0.0f;
    if (threadIdx.x == 0) {
      rows.index[r] = best.index == no_candidate().index ? 0 : best.index;
      if (rows.log_probability != nullptr) {
        rows.log_probability[r] = -log_sum;
      }
    }
  }
}

// The first candidate behind `last` among the elements that belong to this thread; NaN counts as
// -inf.
template <class T>
__device__ Candidate next_candidate(const T* x, std::int64_t size, const Candidate& last) {
  Candidate best = no_candidate();
  for (std::int64_t v = threadIdx.x; v < size; v += blockDim.x) {
    const float logit = load(x + v);
    const Candidate here{std::isnan(logit) ? no_candidate().logit : logit, std::int32_t(v)};
    if (is_before(last, here) && is_before(here, best)) {
      best = here;
    }
  }
  return best;
}

// Each thread keeps the first of its candidates; in every round the block takes the first of those,
// and only the thread that had it looks for its next one.
template <class T>
__global__ void top_k_rows_kernel(RowsOfLogits<T> rows, std::int64_t count) {
  void* scratch = dynamic_shared<void>();
  for (std::int64_t r = blockIdx.x; r < rows.rows; r += gridDim.x) {
    const T* x = rows.logits + r * rows.width;
    const float largest = row_max(x, rows.width, scratch);
    const float log_sum =
        rows.log_probability != nullptr ? log_sum_of(x, rows.width, largest, scratch) : 0.0f;
    Candidate own = next_candidate(x, rows.width, {std::numeric_limits<float>::infinity(), -1});
    for (std::int64_t k = 0; k < count; ++k) {
      const Candidate best = block_reduce(own, scratch, FirstCandidate());
      if (best.index % blockDim.x == threadIdx.x) {
        rows.index[r * count + k] = best.index;
        if (rows.log_probability != nullptr) {
          rows.log_probability[r * count + k] = (load(x + best.index) - largest) - log_sum;
        }
        own = next_candidate(x, rows.width, best);
      }
    }
  }
}

struct Sampler {
  const StepState* state;
  std::uint32_t stream;
  std::uint64_t first_sequence;
  float factor;  // 1 / temperature
};

// The element at which the cumulative sum of exp((x - largest) factor) passes uniform times the
// whole. masses: shared, one sum for each thread's run of `run` neighbours. One thread.
template <class T>
__device__ std::int64_t invert_cumulative(const T* x, std::int64_t size, float largest,
                                          const Sampler& sampler, double uniform,
                                          const double* masses, std::int64_t run) {
  double target = 0.0;
  for (unsigned t = 0; t < blockDim.x; ++t) {
    target += masses[t];
  }
  target *= uniform;
  std::int64_t last = 0;
  for (std::int64_t begin = 0; begin < size; begin += run) {
    const double mass = masses[begin / run];
    if (target >= mass) {
      target -= mass;
      continue;
    }
    for (std::int64_t v = begin; v < begin + run && v < size; ++v) {
      const double here = vector_exp((load(x + v) - largest) * sampler.factor);
      if (here > 0.0) {
        last = v;
        if (target < here) {
          return v;
        }
      }
      target -= here;
    }
  }
  return last;  // rounding let the target pass the end
}

template <class T>
__global__ void sample_rows_kernel(RowsOfLogits<T> rows, Sampler sampler) {
  auto* masses = dynamic_shared<double>();  // [kThreads]
  void* scratch = masses + blockDim.x;
  const Random random(sampler.state->seed, Purpose::sample, sampler.stream);
  const std::uint64_t step = sampler.state->step;
  const std::int64_t run = (rows.width + blockDim.x - 1) / blockDim.x;
  for (std::int64_t r = blockIdx.x; r < rows.rows; r += gridDim.x) {
    const T* x = rows.logits + r * rows.width;
    const float largest = row_max(x, rows.width, scratch);
    const float log_sum =
        rows.log_probability != nullptr ? log_sum_of(x, rows.width, largest, scratch) : 0.0f;
    double mass = 0.0;
    const std::int64_t begin = threadIdx.x * run;
    for (std::int64_t v = begin; v < begin + run && v < rows.width; ++v) {
      mass += double(vector_exp((load(x + v) - largest) * sampler.factor));
    }
    masses[threadIdx.x] = mass;
    __syncthreads();
    if (threadIdx.x == 0) {
      const double uniform = random.uniform(step, sampler.first_sequence + std::uint64_t(r));
      const std::int64_t drawn =
          invert_cumulative(x, rows.width, largest, sampler, uniform, masses, run);
      rows.index[r] = std::int32_t(drawn);
      if (rows.log_probability != nullptr) {
        rows.log_probability[r] = (load(x + drawn) - largest) - log_sum;
      }
    }
    __syncthreads();
  }
}

// Calls body(rows) with the logits as what they are.
template <class Body>
void with_rows(const Tensor& logits, const Choice& choice, const Body& body) {
  with_element(logits.spec.dtype, [&]<class T>(T) {
    const Tensor& log_probability = choice.log_probability;
    body(RowsOfLogits<T>{
        .logits = logits.as<T>(),
        .rows = logits.shape()[0],
        .width = logits.shape()[1],
        .index = choice.index.as<std::int32_t>(),
        .log_probability = log_probability ? log_probability.as<float>() : nullptr});
  });
}

}  // namespace

void argmax_rows(Context& context, Tensor logits, const Choice& choice) {
  check_argmax_rows(logits, choice);
  with_rows(logits, choice, [&]<class T>(const RowsOfLogits<T>& rows) {
    launch(context, blocks_for(rows.rows, 1, kMostRows), kThreads, kReduceBytes,
           argmax_rows_kernel<T>, rows);
  });
}

void top_k_rows(Context& context, Tensor logits, const Choice& choice) {
  check_top_k_rows(logits, choice);
  with_rows(logits, choice, [&]<class T>(const RowsOfLogits<T>& rows) {
    launch(context, blocks_for(rows.rows, 1, kMostRows), kThreads, kReduceBytes,
           top_k_rows_kernel<T>, rows, choice.index.shape()[1]);
  });
}

void sample_rows(Context& context, Tensor logits, const Choice& choice,
                 const SampleOptions& options) {
  check_sample_rows(logits, choice, options);
  const Sampler sampler{.state = context.step_state_memory(),
                        .stream = options.stream,
                        .first_sequence = std::uint64_t(options.first_sequence),
                        .factor = 1.0f / options.temperature};
  with_rows(logits, choice, [&]<class T>(const RowsOfLogits<T>& rows) {
    launch(context, blocks_for(rows.rows, 1, kMostRows), kThreads,
           kThreads * sizeof(double) + kReduceBytes, sample_rows_kernel<T>, rows, sampler);
  });
}

}  // namespace lrcn::cuda
