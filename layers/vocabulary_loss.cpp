#include "layers/vocabulary_loss.h"

#include <algorithm>

#include "core/error.h"
#include "core/transfer.h"
#include "kernels/bias_gradient.h"
#include "kernels/cross_entropy.h"
#include "kernels/elementwise.h"
#include "kernels/masked_loss.h"
#include "kernels/rows.h"
#include "kernels/scale_by_tensor.h"
#include "layers/loss_shapes.h"
#include "layers/slot.h"

namespace lrcn {
namespace {

// Rows of the smallest block; the number of processed rows is rounded up to a multiple.
constexpr std::int64_t kGrain = 64;
// Rows of the largest block without gradients: bounds the memory of the logits.
constexpr std::int64_t kEvaluateRows = 512;

}  // namespace

std::vector<TensorSpec> VocabularyLoss::plan(Planner& planner) {
  check(options_.vocabulary >= 1, "vocabulary must be >= 1, got ", options_.vocabulary);
  const LossShapes shapes = loss_shapes(planner, "h");
  dtype_ = planner.activation_dtype();
  planner.request_dtype(0, dtype_);
  rows_ = shapes.row_count;
  features_ = shapes.features;
  on_cuda_ = planner.context().device().is_cuda();
  const std::int64_t multiple = on_cuda_ ? 16 / std::int64_t(size_of(dtype_)) : 1;
  pitch_ = (options_.vocabulary + multiple - 1) / multiple * multiple;
  planner.param("weight", {options_.vocabulary, features_}, options_.weight_init,
                options_.weight_options);
  planner.param("bias", {options_.vocabulary}, options_.bias_init, options_.bias_options);
  gradient_ = planner.backward();
  plan_products(planner);

  order_ = planner.saved("order", {{rows_}, DType::i32});
  count_ = planner.saved("count", {{1}, DType::i32});
  correct_ = planner.scratch("correct", {{1}, DType::i32});
  sum_ = planner.scratch("sum", {{1}});
  labels_ = planner.scratch("labels", {{rows_}, DType::i32});
  nll_ = planner.scratch("nll", {{rows_}});
  // Without gradients `saved` lives for the forward call alone.
  const std::int64_t kept = gradient_ || products_.empty() ? rows_ : products_.back().rows();
  hidden_ = planner.saved("hidden", {{kept, features_}, dtype_});
  logits_ = planner.saved("dlogits", {{kept, pitch_}, dtype_});
  if (!products_.empty() && products_[0].packed_bytes() > 0) {
    const TensorSpec packed = bytes_spec(products_[0].packed_bytes());
    packed_ = gradient_ ? planner.saved("packed", packed) : planner.persistent("packed", packed);
  }
  return shapes.outputs;
}

// Ascending. On the CPU kGrain, 2 kGrain, 4 kGrain ... and the rest of rows / kGrain: any number of
// counted rows is covered by few blocks and less than kGrain rows too many. On CUDA, whose products
// stop at the count wherever that is, as much at a time as there is memory for, and the rest.
std::vector<std::int64_t> VocabularyLoss::block_sizes() const {
  const std::int64_t largest = gradient_ ? rows_ : std::min(rows_, kEvaluateRows);
  const std::int64_t grain = on_cuda_ && largest > 0 ? largest : kGrain;
  std::vector<std::int64_t> sizes;
  if (rows_ % grain != 0) {
    sizes.push_back(rows_ % grain);
  }
  for (std::int64_t size = grain; size <= largest; size *= 2) {
    sizes.push_back(size);
  }
  return sizes;
}

void VocabularyLoss::plan_products(Planner& planner) {
  products_.clear();
  std::size_t scratch = 0;
  for (const std::int64_t size : block_sizes()) {
    products_.emplace_back(planner.context(), AffineProblem{.rows = size,
                                                            .in_features = features_,
                                                            .out_features = options_.vocabulary,
                                                            .dtype = dtype_,
                                                            .y_dtype = dtype_,
                                                            .input_gradient = planner.needs_dx(0),
                                                            .weight_gradient = gradient_,
                                                            .y_pitch = on_cuda_ ? pitch_ : 0,
                                                            .limited = on_cuda_});
    scratch = std::max(scratch, products_.back().scratch_bytes());
  }
  scratch_ = planner.scratch("scratch", bytes_spec(scratch));
}

std::vector<VocabularyLoss::Block> VocabularyLoss::blocks_for(const Tensor& count) const {
  // The count is read where that is free. A GPU keeps it to itself, since the launches of a
  // captured step cannot depend on data: it is given all blocks, and its kernels look how far to
  // go.
  std::int64_t left = rows_;
  if (!on_cuda_) {
    left = (std::int64_t(*count.as<std::int32_t>()) + kGrain - 1) / kGrain * kGrain;
    left = std::min(left, rows_);
  }
  std::vector<Block> blocks;
  for (auto product = products_.rbegin(); product != products_.rend();) {
    if (product->rows() > left) {
      ++product;
      continue;
    }
    const std::int64_t begin =
        blocks.empty() ? 0 : blocks.back().begin + blocks.back().product->rows();
    blocks.push_back({begin, &*product});
    left -= product->rows();
  }
  return blocks;
}

// As the products read them: all sizes of blocks share what is rounded once.
Tensor VocabularyLoss::weight_of(const Frame& frame) const {
  return packed_ >= 0 ? slot_of(frame, packed_) : frame.params[0];
}

CountedRows VocabularyLoss::counted(const Frame& frame, const Block& block) const {
  return on_cuda_ ? CountedRows{slot_of(frame, count_), block.begin} : CountedRows{};
}

// logits = W h[order] + b; nll = log sum_v exp(logits_v) - logits_target; loss = mean of nll
void VocabularyLoss::forward(Context& context, const Frame& frame) {
  const Tensor h = frame.x[0].reshaped({rows_, features_});
  const Tensor targets = frame.x[1].reshaped({rows_});
  const Tensor order = slot_of(frame, order_);
  const LossTotals totals{slot_of(frame, sum_), slot_of(frame, count_), slot_of(frame, correct_)};
  compact_rows(context, targets, options_.ignore_label, order, totals.count);
  set_bytes(context, totals.sum, 0);
  set_bytes(context, totals.correct, 0);

  if (packed_ >= 0 && (gradient_ || frame.params_changed)) {
    products_[0].pack(context, frame.params[0], slot_of(frame, packed_));
  }
  const Tensor weight = weight_of(frame);
  std::int64_t used = 0;
  for (const Block& block : blocks_for(totals.count)) {
    // Without gradients every block uses the same memory.
    const Block place{gradient_ ? block.begin : 0, block.product};
    const Tensor hidden = place.of(slot_of(frame, hidden_));
    const Tensor logits = place.of(slot_of(frame, logits_));
    const Tensor labels = block.of(slot_of(frame, labels_));
    gather_rows(context, h, block.of(order), hidden);
    gather_labels(context, targets, block.of(order), options_.ignore_label, labels);
    block.product->forward(context, {.x = hidden,
                                     .weight = weight,
                                     .bias = frame.params[1],
                                     .y = logits,
                                     .scratch = slot_of(frame, scratch_),
                                     .rows = counted(frame, block)});
    // On CUDA the rows behind the count stay what they are: nothing reads them.
    cross_entropy(context,
                  {.logits = logits,
                   .targets = labels,
                   .count = totals.count,
                   .loss = totals.sum,
                   .correct = totals.correct,
                   .row_nll = block.of(slot_of(frame, nll_))},
                  {.ignore_label = options_.ignore_label,
                   .gradient = gradient_,
                   .accumulate = true,
                   .clear_ignored = !on_cuda_,
                   .classes = options_.vocabulary});
    used = block.begin + block.product->rows();
  }
  mean_loss(context, totals, frame.y[0], frame.y[1]);
  scatter_rows(context, slot_of(frame, nll_).rows(0, used), order.rows(0, used),
               frame.y[2].reshaped({rows_}));
}

// dW += dloss dlogits^T h; db += dloss sum over rows of dlogits; dh = dloss dlogits W
void VocabularyLoss::backward(Context& context, const Frame& frame) {
  const Tensor dloss = frame.dy[0];
  const Tensor order = slot_of(frame, order_);
  const Tensor scratch = slot_of(frame, scratch_);
  std::int64_t used = 0;
  for (const Block& block : blocks_for(slot_of(frame, count_))) {
    if (!dloss) {
      break;  // nothing that depends on the loss was asked for
    }
    const Tensor hidden = block.of(slot_of(frame, hidden_));
    const Tensor dlogits = block.of(slot_of(frame, logits_));
    const CountedRows rows = counted(frame, block);
    if (frame.grads[0]) {
      scale_by_tensor(context, hidden, dloss, hidden);
      block.product->weight_gradient(
          context,
          {.dy = dlogits, .x = hidden, .dw = frame.grads[0], .scratch = scratch, .rows = rows});
    }
    if (frame.grads[1]) {
      bias_gradient(context, dlogits, frame.grads[1], {.factor = dloss, .count = rows.count});
    }
    if (frame.dx[0]) {  // the counted rows of h are no longer needed: dh takes their place
      block.product->input_gradient(context, {.dy = dlogits,
                                              .weight = weight_of(frame),
                                              .dx = hidden,
                                              .scratch = scratch,
                                              .rows = rows});
      scale_by_tensor(context, hidden, dloss, hidden);
    }
    used = block.begin + block.product->rows();
  }
  if (frame.dx[0]) {
    scatter_rows(context, slot_of(frame, hidden_).rows(0, used), order.rows(0, used),
                 frame.dx[0].reshaped({rows_, features_}));
  }
}

}  // namespace lrcn
