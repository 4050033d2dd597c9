#include "kernels/hypotheses.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace lrcn::cpu {
namespace {

// A way to continue a group: hypothesis `parent` with `word`, or as it is when it has ended.
struct Candidate {
  double log_probability;
  std::int64_t parent;
  std::int32_t word;

  // Better ones first.
  friend bool operator<(const Candidate& a, const Candidate& b) {
    if (a.log_probability != b.log_probability) {
      return a.log_probability > b.log_probability;
    }
    return a.parent != b.parent ? a.parent < b.parent : a.word < b.word;
  }
};

struct Step {
  std::int64_t number;
  const Hypothesis* now;
  Hypothesis* next;
  std::int32_t* words;
  std::int32_t* origins;
};

Step step_of(const Context& context, const HypothesisRows& table) {
  const auto number = std::int64_t(context.step_state().step);
  return {number, table.states + number % 2 * table.rows,
          table.states + (number + 1) % 2 * table.rows, table.words + number * table.rows,
          table.origins + number * table.rows};
}

void finish_step(Context& context, const HypothesisRows& table, const Step& step) {
  *table.alive = std::int32_t(std::count_if(step.next, step.next + table.rows, [](auto& each) {
    return each.present != 0 && each.ended == 0;
  }));
  ++context.step_state_memory()->step;
}

double sum_of_log_p(double so_far, float next) {
  const double sum = so_far + double(next);
  return std::isnan(sum) ? -std::numeric_limits<double>::infinity() : sum;
}

}  // namespace

void start_hypotheses(Context& context, const HypothesisTable& table, std::int64_t each,
                      std::int32_t end) {
  const HypothesisRows rows = check_start_hypotheses(table, each);
  for (std::int64_t r = 0; r < rows.rows; ++r) {
    rows.last[r] = end;
    rows.parents[r] = std::int32_t(r);
    rows.states[r] = {0.0, 0, r % each == 0 ? 1 : 0};
  }
  *rows.alive = std::int32_t((rows.rows + each - 1) / each);
  context.step_state_memory()->step = 0;
}

void continue_rows(Context& context, const HypothesisTable& table, const Choice& chosen,
                   std::int32_t end) {
  const HypothesisRows rows = check_continue_rows(table, chosen);
  const Step step = step_of(context, rows);
  if (step.number >= rows.steps) {
    return;
  }
  for (std::int64_t r = 0; r < rows.rows; ++r) {
    Hypothesis hypothesis = step.now[r];
    std::int32_t word = end;
    if (hypothesis.ended == 0) {
      word = chosen.index.as<std::int32_t>()[r];
      hypothesis.log_probability += double(chosen.log_probability.as<float>()[r]);
      hypothesis.ended = word == end ? 1 : 0;
    }
    step.next[r] = hypothesis;
    step.words[r] = rows.last[r] = word;
    step.origins[r] = rows.parents[r] = std::int32_t(r);
  }
  finish_step(context, rows, step);
}

void continue_beams(Context& context, const HypothesisTable& table, const Choice& top,
                    std::int64_t width, std::int32_t end) {
  const HypothesisRows rows = check_continue_beams(table, top, width);
  const std::int64_t k = top.index.shape()[1];
  const Step step = step_of(context, rows);
  if (step.number >= rows.steps) {
    return;
  }
  std::vector<Candidate> candidates;
  for (std::int64_t first = 0; first < rows.rows; first += width) {
    candidates.clear();
    for (std::int64_t parent = first; parent < first + width; ++parent) {
      const Hypothesis& hypothesis = step.now[parent];
      if (hypothesis.present != 0 && hypothesis.ended != 0) {
        candidates.push_back({hypothesis.log_probability, parent, end});
      } else if (hypothesis.present != 0) {
        for (std::int64_t i = parent * k; i < (parent + 1) * k; ++i) {
          candidates.push_back(
              {sum_of_log_p(hypothesis.log_probability, top.log_probability.as<float>()[i]), parent,
               top.index.as<std::int32_t>()[i]});
        }
      }
    }
    std::sort(candidates.begin(), candidates.end());
    for (std::int64_t i = 0; i < width; ++i) {
      const bool found = i < std::int64_t(candidates.size());
      const Candidate best = found ? candidates[std::size_t(i)] : Candidate{0.0, first, end};
      const std::int64_t r = first + i;
      step.next[r] = {best.log_probability, best.word == end ? 1 : 0, found ? 1 : 0};
      step.words[r] = rows.last[r] = best.word;
      step.origins[r] = rows.parents[r] = std::int32_t(best.parent);
    }
  }
  finish_step(context, rows, step);
}

}  // namespace lrcn::cpu
