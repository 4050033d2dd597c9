// The LSTM sequence on the CPU: products over all steps at once where that is possible, fused steps
// (lstm_step.h) where the recurrence forbids it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "kernels/cpu/lstm_step.h"
#include "kernels/lstm.h"
#include "kernels/lstm_products.h"
#include "kernels/lstm_saved.h"

namespace lrcn::cpu {

// Which rows of a step carry their state on.
enum class Past { none, some, all };

class CpuLstm final : public LstmKernel {
 public:
  CpuLstm(Context& context, const LstmProblem& problem);

  std::string algorithms() const override;

  std::size_t packed_bytes() const override { return step_->packed_bytes(); }
  std::size_t saved_bytes() const override { return saved_.partition.bytes(); }
  std::size_t forward_scratch_bytes() const override { return forward_scratch_.bytes(); }
  std::size_t backward_scratch_bytes() const override { return backward_scratch_.bytes(); }

  void pack(Context& context, const LstmWeights& weights, Tensor packed) const override;
  void forward(Context& context, const LstmForward& arguments) const override;
  void backward(Context& context, const LstmBackward& arguments) const override;

 private:
  Past past_of(const float* cont, std::int64_t t) const;
  void copy_continued(const float* from, const float* cont, float* to) const;
  Tensor gather_past(const LstmBackward& arguments) const;
  void run_steps_back(const LstmBackward& arguments, float* dgates, const float* c) const;
  void sum_gates(const LstmBackward& arguments, const float* dgates) const;

  LstmProblem problem_;
  std::int64_t rows_;   // T N
  std::int64_t state_;  // N H
  std::int64_t gates_;  // 4 H
  bool project_;        // x is multiplied for all steps at once, not in the step
  std::unique_ptr<LstmStep> step_;
  LstmProducts products_;
  LstmSaved saved_;

  Partition forward_scratch_, backward_scratch_;
  std::size_t scratch_gates_ = 0, scratch_c_ = 0, scratch_past_ = 0, scratch_products_ = 0;
  std::size_t back_dc_ = 0, back_past_ = 0, back_products_ = 0;
};

}  // namespace lrcn::cpu
