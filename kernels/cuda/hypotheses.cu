// Search without the host. In a beam search a block serves a group: it looks for the best candidate
// behind the one found before, once for each hypothesis of the group.
#include <cmath>
#include <limits>

#include "kernels/cuda/block_reduce.h"
#include "kernels/cuda/grid_size.h"
#include "kernels/cuda/launch.h"
#include "kernels/hypotheses.h"

namespace lrcn::cuda {
namespace {

constexpr unsigned kThreads = 128;

// A way to continue a group: hypothesis `parent` with `word`, or as it is when it has ended.
struct Candidate {
  double log_probability;
  std::int32_t parent;
  std::int32_t word;
};

__device__ bool is_before(const Candidate& a, const Candidate& b) {
  if (a.log_probability != b.log_probability) {
    return a.log_probability > b.log_probability;
  }
  return a.parent != b.parent ? a.parent < b.parent : a.word < b.word;
}

struct FirstCandidate {
  __device__ Candidate operator()(const Candidate& a, const Candidate& b) const {
    return is_before(b, a) ? b : a;
  }
};

// What every other candidate is before.
__device__ Candidate no_candidate() {
  return {-std::numeric_limits<double>::infinity(), std::numeric_limits<std::int32_t>::max(), 0};
}

struct Step {
  const Hypothesis* now;
  Hypothesis* next;
  std::int32_t* words;
  std::int32_t* origins;
  bool beyond;  // the table is full

  __device__ Step(const HypothesisRows& table, std::uint64_t number)
      : now(table.states + std::int64_t(number % 2) * table.rows),
        next(table.states + std::int64_t((number + 1) % 2) * table.rows),
        words(table.words + std::int64_t(number) * table.rows),
        origins(table.origins + std::int64_t(number) * table.rows),
        beyond(std::int64_t(number) >= table.steps) {}

  __device__ void put(const HypothesisRows& table, std::int64_t r, const Hypothesis& hypothesis,
                      std::int32_t word, std::int64_t parent) const {
    next[r] = hypothesis;
    words[r] = table.last[r] = word;
    origins[r] = table.parents[r] = std::int32_t(parent);
  }
};

__global__ void start_hypotheses_kernel(HypothesisRows table, std::int64_t each, std::int32_t end,
                                        StepState* state) {
  const std::int64_t first = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  const std::int64_t stride = std::int64_t(gridDim.x) * blockDim.x;
  for (std::int64_t r = first; r < table.rows; r += stride) {
    table.last[r] = end;
    table.parents[r] = std::int32_t(r);
    table.states[r] = {0.0, 0, r % each == 0 ? 1 : 0};
  }
  if (first == 0) {
    *table.alive = std::int32_t((table.rows + each - 1) / each);
    state->step = 0;
  }
}

__global__ void continue_rows_kernel(HypothesisRows table, const std::int32_t* index,
                                     const float* log_p, std::int32_t end, const StepState* state) {
  const Step step(table, state->step);
  if (step.beyond) {
    return;
  }
  const std::int64_t stride = std::int64_t(gridDim.x) * blockDim.x;
  for (std::int64_t r = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x; r < table.rows;
       r += stride) {
    Hypothesis hypothesis = step.now[r];
    std::int32_t word = end;
    if (hypothesis.ended == 0) {
      word = index[r];
      hypothesis.log_probability += double(log_p[r]);
      hypothesis.ended = word == end ? 1 : 0;
    }
    step.put(table, r, hypothesis, word, r);
  }
}

struct BeamChoices {
  const std::int32_t* index;  // [R, K]
  const float* log_p;         // [R, K]
  std::int64_t k;
  std::int64_t width;

  // Candidate i of the K width ones of a group.
  __device__ Candidate candidate(const Hypothesis* hypotheses, std::int64_t first, std::int64_t i,
                                 std::int32_t end) const {
    const std::int64_t parent = first + i / k;
    const Hypothesis& hypothesis = hypotheses[parent];
    if (hypothesis.present == 0 || (hypothesis.ended != 0 && i % k != 0)) {
      return no_candidate();
    }
    if (hypothesis.ended != 0) {
      return {hypothesis.log_probability, std::int32_t(parent), end};
    }
    const double sum = hypothesis.log_probability + double(log_p[first * k + i]);
    return {sum == sum ? sum : -std::numeric_limits<double>::infinity(), std::int32_t(parent),
            index[first * k + i]};
  }
};

__global__ void continue_beams_kernel(HypothesisRows table, BeamChoices choices, std::int32_t end,
                                      const StepState* state) {
  const Step step(table, state->step);
  if (step.beyond) {
    return;
  }
  void* scratch = dynamic_shared<void>();
  const std::int64_t width = choices.width;
  for (std::int64_t group = blockIdx.x; group < table.rows / width; group += gridDim.x) {
    const std::int64_t first = group * width;
    Candidate last{};
    for (std::int64_t r = first; r < first + width; ++r) {
      Candidate best = no_candidate();
      for (std::int64_t i = threadIdx.x; i < width * choices.k; i += blockDim.x) {
        const Candidate next = choices.candidate(step.now, first, i, end);
        if (r == first || is_before(last, next)) {
          best = FirstCandidate()(best, next);
        }
      }
      best = block_reduce(best, scratch, FirstCandidate());
      last = best;
      if (threadIdx.x == 0) {
        const bool found = best.parent != no_candidate().parent;
        const std::int32_t word = found ? best.word : end;
        step.put(table, r, {found ? best.log_probability : 0.0, word == end ? 1 : 0, found ? 1 : 0},
                 word, found ? best.parent : first);
      }
    }
  }
}

// One block, behind the kernel that took the step.
__global__ void finish_word_kernel(HypothesisRows table, StepState* state) {
  const Step step(table, state->step);
  if (step.beyond) {
    return;
  }
  std::int32_t alive = 0;
  for (std::int64_t r = threadIdx.x; r < table.rows; r += blockDim.x) {
    alive += step.next[r].present != 0 && step.next[r].ended == 0 ? 1 : 0;
  }
  alive = block_reduce(alive, dynamic_shared<void>(), Added());
  if (threadIdx.x == 0) {
    *table.alive = alive;
    ++state->step;
  }
}

void finish_word(Context& context, const HypothesisRows& rows) {
  launch(context, 1, kThreads, kReduceBytes, finish_word_kernel, rows, context.step_state_memory());
}

}  // namespace

void start_hypotheses(Context& context, const HypothesisTable& table, std::int64_t each,
                      std::int32_t end) {
  const HypothesisRows rows = check_start_hypotheses(table, each);
  const unsigned blocks = std::max(1u, blocks_for(rows.rows, kThreads));  // one counts the steps
  launch(context, blocks, kThreads, 0, start_hypotheses_kernel, rows, each, end,
         context.step_state_memory());
}

void continue_rows(Context& context, const HypothesisTable& table, const Choice& chosen,
                   std::int32_t end) {
  const HypothesisRows rows = check_continue_rows(table, chosen);
  launch(context, blocks_for(rows.rows, kThreads), kThreads, 0, continue_rows_kernel, rows,
         chosen.index.as<std::int32_t>(), chosen.log_probability.as<float>(), end,
         context.step_state_memory());
  finish_word(context, rows);
}

void continue_beams(Context& context, const HypothesisTable& table, const Choice& top,
                    std::int64_t width, std::int32_t end) {
  const HypothesisRows rows = check_continue_beams(table, top, width);
  const std::int64_t k = top.index.shape()[1];
  const BeamChoices choices{top.index.as<std::int32_t>(), top.log_probability.as<float>(), k,
                            width};
  launch(context, blocks_for(rows.rows, width), kThreads, kReduceBytes, continue_beams_kernel, rows,
         choices, end, context.step_state_memory());
  finish_word(context, rows);
}

}  // namespace lrcn::cuda
