#include "layers/softmax_cross_entropy.h"

#include "core/error.h"
#include "kernels/cross_entropy.h"
#include "kernels/elementwise.h"
#include "kernels/masked_loss.h"
#include "kernels/rows.h"
#include "kernels/scale_by_tensor.h"
#include "layers/loss_shapes.h"
#include "layers/slot.h"

namespace lrcn {

std::vector<TensorSpec> SoftmaxCrossEntropy::plan(Planner& planner) {
  planner.expect_inputs(2, 2);
  planner.accept_dtype(0);
  const LossShapes shapes = loss_shapes(planner, "logits");
  rows_ = shapes.row_count;
  classes_ = shapes.features;
  gradient_ = planner.backward();
  order_ = planner.scratch("order", {{rows_}, DType::i32});
  count_ = planner.scratch("count", {{1}, DType::i32});
  correct_ = planner.scratch("correct", {{1}, DType::i32});
  sum_ = planner.scratch("sum", {{1}});
  if (gradient_) {
    logits_ = planner.saved("dlogits", {{rows_, classes_}, planner.input(0).dtype});
  }
  return shapes.outputs;
}

// nll[r] = log sum_v exp(x[r, v]) - x[r, target[r]]; loss = mean of nll over the counted rows
void SoftmaxCrossEntropy::forward(Context& context, const Frame& frame) {
  const Tensor targets = frame.x[1].reshaped({rows_});
  const Tensor count = slot_of(frame, count_);
  compact_rows(context, targets, options_.ignore_label, slot_of(frame, order_), count);
  Tensor logits = frame.x[0].reshaped({rows_, classes_});
  if (gradient_) {  // the scores become their gradient in place
    copy_to(context, logits, slot_of(frame, logits_));
    logits = slot_of(frame, logits_);
  }
  const LossTotals totals{slot_of(frame, sum_), count, slot_of(frame, correct_)};
  cross_entropy(context,
                {logits, targets, count, totals.sum, totals.correct, frame.y[2].reshaped({rows_})},
                {.ignore_label = options_.ignore_label, .gradient = gradient_});
  mean_loss(context, totals, frame.y[0], frame.y[1]);
}

// dx[r, v] = dloss (softmax(x[r])[v] - [v = target[r]]) / count, 0 in ignored rows
void SoftmaxCrossEntropy::backward(Context& context, const Frame& frame) {
  const Tensor dx = frame.dx[0].reshaped({rows_, classes_});
  if (frame.dy[0]) {
    scale_by_tensor(context, slot_of(frame, logits_), frame.dy[0], dx);
  } else {
    fill_with(context, dx, 0.0f);
  }
}

}  // namespace lrcn
