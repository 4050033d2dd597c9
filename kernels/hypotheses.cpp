#include "kernels/hypotheses.h"

#include "kernels/check_tensor.h"

namespace lrcn {
namespace {

HypothesisRows check_hypotheses(const char* op, const HypothesisTable& table) {
  check(table.words.shape().rank() == 2, op, ": words must be [L,R], got ", table.words.spec);
  const std::int64_t steps = table.words.shape()[0];
  const std::int64_t rows = table.words.shape()[1];
  check_plain(op, "words", table.words, DType::i32);
  check_plain(op, "origins", table.origins, DType::i32, {steps, rows});
  check_plain(op, "last", table.last, DType::i32, {rows});
  check_plain(op, "parents", table.parents, DType::i32, {rows});
  check_plain(op, "states", table.states, DType::u8, {2 * rows * std::int64_t(sizeof(Hypothesis))});
  check_plain(op, "alive", table.alive, DType::i32, {1});
  return {.rows = rows,
          .steps = steps,
          .last = table.last.as<std::int32_t>(),
          .parents = table.parents.as<std::int32_t>(),
          .states = static_cast<Hypothesis*>(table.states.data),
          .words = table.words.as<std::int32_t>(),
          .origins = table.origins.as<std::int32_t>(),
          .alive = table.alive.as<std::int32_t>()};
}

void check_choice(const char* op, const Choice& choice, const Shape& shape) {
  check_plain(op, "index", choice.index, DType::i32, shape);
  check_plain(op, "log_probability", choice.log_probability, DType::f32, shape);
}

}  // namespace

HypothesisRows check_start_hypotheses(const HypothesisTable& table, std::int64_t each) {
  check(each >= 1, "start_hypotheses: each must be >= 1, got ", each);
  return check_hypotheses("start_hypotheses", table);
}

HypothesisRows check_continue_rows(const HypothesisTable& table, const Choice& chosen) {
  const HypothesisRows rows = check_hypotheses("continue_rows", table);
  check_choice("continue_rows", chosen, {rows.rows});
  return rows;
}

HypothesisRows check_continue_beams(const HypothesisTable& table, const Choice& top,
                                    std::int64_t width) {
  const HypothesisRows rows = check_hypotheses("continue_beams", table);
  const std::int64_t k = top.index.shape().rank() == 2 ? top.index.shape()[1] : 1;
  check_choice("continue_beams", top, {rows.rows, k});
  check(width >= 1 && rows.rows % width == 0, "continue_beams: ", rows.rows,
        " rows are no groups of ", width);
  return rows;
}

}  // namespace lrcn
