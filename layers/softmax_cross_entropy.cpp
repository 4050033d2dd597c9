#include "layers/softmax_cross_entropy.h"

#include "core/error.h"
#include "kernels/cross_entropy.h"
#include "kernels/elementwise.h"
#include "kernels/masked_loss.h"
#include "kernels/rows.h"
#include "layers/loss_shapes.h"
#include "layers/slot.h"

namespace lrcn {

std::vector<TensorSpec> SoftmaxCrossEntropy::plan(Planner& planner) {
  planner.expect_inputs(2, 2);
  planner.accept_dtype(0);
  const LossShapes shapes = loss_shapes(planner, "logits");
  rows_ = shapes.row_count;
  classes_ = shapes.features;
  order_ = planner.scratch("order", {{rows_}, DType::i32});
  count_ = planner.saved("count", {{1}, DType::i32});
  correct_ = planner.scratch("correct", {{1}, DType::i32});
  sum_ = planner.scratch("sum", {{1}});
  planner.keep_input(0);
  planner.keep_input(1);
  return shapes.outputs;
}

// nll[r] = log sum_v exp(x[r, v]) - x[r, target[r]]; loss = mean of nll over the counted rows
void SoftmaxCrossEntropy::forward(Context& context, const Frame& frame) {
  const Tensor targets = frame.x[1].reshaped({rows_});
  const Tensor count = slot_of(frame, count_);
  compact_rows(context, targets, options_.ignore_label, slot_of(frame, order_), count);
  const Tensor logits = frame.x[0].reshaped({rows_, classes_});
  const LossTotals totals{slot_of(frame, sum_), count, slot_of(frame, correct_)};
  cross_entropy(context,
                {.logits = logits,
                 .targets = targets,
                 .count = count,
                 .loss = totals.sum,
                 .correct = totals.correct,
                 .row_nll = frame.y[2].reshaped({rows_})},
                {.ignore_label = options_.ignore_label, .gradient = false});
  mean_loss(context, totals, frame.y[0], frame.y[1]);
}

// dx[r, v] = dloss (softmax(x[r])[v] - [v = target[r]]) / count, 0 in ignored rows. A copy of the
// logits becomes their gradient in place, which is so rounded to bf16 only once.
void SoftmaxCrossEntropy::backward(Context& context, const Frame& frame) {
  const Tensor dx = frame.dx[0].reshaped({rows_, classes_});
  if (!frame.dy[0]) {
    fill_with(context, dx, 0.0f);
    return;
  }
  copy_to(context, frame.x[0].reshaped(dx.shape()), dx);
  cross_entropy(context,
                {.logits = dx,
                 .targets = frame.x[1].reshaped({rows_}),
                 .count = slot_of(frame, count_),
                 .factor = frame.dy[0],
                 .loss = slot_of(frame, sum_)},
                {.ignore_label = options_.ignore_label});
}

}  // namespace lrcn
