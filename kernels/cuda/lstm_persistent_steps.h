// The host side of the persistent LSTM kernels.
#pragma once

#include <memory>

#include "kernels/cuda/lstm_block.h"
#include "kernels/cuda/lstm_persistent.h"
#include "kernels/partition.h"

namespace lrcn::cuda {

template <class Sequence, class Factors>
using LstmPersistentKernel = void (*)(Sequence, LstmPersistentShape, GridBarrier,
                                      LstmExchange<typename Factors::Word>);

template <class Sequence, class Factors>
class PersistentSteps final : public LstmSteps<Sequence> {
 public:
  using Word = typename Factors::Word;
  using Kernel = LstmPersistentKernel<Sequence, Factors>;

  PersistentSteps(Context& context, const LstmProblem& problem, const LstmPersistentShape& shape,
                  Kernel kernel)
      : shape_(shape), kernel_(kernel), barrier_(grid_barrier(context)), batch_(problem.batch) {
    constexpr std::int64_t kWords = 16 / sizeof(Word);
    const std::int64_t depth = (Sequence::kBackward ? 4 : 1) * problem.units;
    stride_ = (depth + kWords - 1) / kWords * kWords;
    words_ = scratch_.add(std::size_t(2 * batch_ * stride_) * sizeof(Word));
    partials_ = scratch_.add_floats(shape.parts > 1 ? shape.parts * batch_ * problem.units : 0);
  }

  std::string algorithm() const override { return concat("persistent ", Factors::kPrecision); }
  std::size_t scratch_bytes() const override { return scratch_.bytes(); }

  void run(Context& context, const Sequence& sequence, const Tensor& scratch) const override {
    launch_cooperative(
        context,
        {.grid = shape_.blocks(),
         .block = unsigned(shape_.threads),
         .shared_bytes = shape_.shared_bytes},
        kernel_, sequence, shape_, barrier_,
        LstmExchange<Word>{.words = reinterpret_cast<Word*>(floats_at(scratch, words_)),
                           .batch = batch_,
                           .stride = stride_,
                           .partials = floats_at(scratch, partials_)});
  }

 private:
  LstmPersistentShape shape_;
  Kernel kernel_;
  GridBarrier barrier_;
  std::int64_t batch_;
  std::int64_t stride_;
  Partition scratch_;
  std::size_t words_ = 0, partials_ = 0;
};

// Nothing where the kernel cannot be had or is not wanted.
template <class Sequence, class Factors>
std::unique_ptr<LstmSteps<Sequence>> plan_persistent(
    Context& context, const LstmProblem& problem, const LstmPersistentLimits& limits,
    LstmPersistentKernel<Sequence, Factors> kernel) {
  const auto shape = choose_lstm_shape(problem, Sequence::kBackward, Factors::kTile, limits);
  if (!shape || (problem.algorithm == LstmAlgorithm::automatic &&
                 shape->step_nanoseconds > stepwise_lstm_nanoseconds(problem, limits))) {
    return nullptr;
  }
  const auto* function = reinterpret_cast<const void*>(kernel);
  if (shape->blocks() >
      most_resident_blocks(context, function, unsigned(shape->threads), shape->shared_bytes)) {
    return nullptr;
  }
  return std::make_unique<PersistentSteps<Sequence, Factors>>(context, problem, *shape, kernel);
}

}  // namespace lrcn::cuda
