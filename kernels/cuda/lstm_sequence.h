// The LSTM sequence on a CUDA device: products over all steps at once where that is possible, and
// LstmSteps for what the recurrence forbids.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "kernels/cuda/lstm_shape.h"
#include "kernels/cuda/lstm_steps.h"
#include "kernels/lstm.h"
#include "kernels/lstm_products.h"
#include "kernels/lstm_saved.h"

namespace lrcn::cuda {

// T: what activations and gates are in memory, float or BFloat16.
template <class T>
class CudaLstm final : public LstmKernel {
 public:
  // backward: absent unless planned.
  CudaLstm(Context& context, const LstmProblem& problem,
           std::unique_ptr<LstmForwardSteps<T>> forward,
           std::unique_ptr<LstmBackwardSteps<T>> backward);

  std::string algorithms() const override;

  std::size_t packed_bytes() const override { return 0; }
  std::size_t saved_bytes() const override { return saved_.partition.bytes(); }
  std::size_t forward_scratch_bytes() const override { return forward_scratch_.bytes(); }
  std::size_t backward_scratch_bytes() const override { return backward_scratch_.bytes(); }

  void pack(Context& context, const LstmWeights& weights, Tensor packed) const override;
  void forward(Context& context, const LstmForward& arguments) const override;
  void backward(Context& context, const LstmBackward& arguments) const override;

 private:
  void run_steps_back(Context& context, const LstmBackward& arguments) const;
  void sum_gates(Context& context, const LstmBackward& arguments, const Tensor& dgates) const;
  Tensor h_before(Context& context, const LstmBackward& arguments) const;

  LstmProblem problem_;
  std::int64_t rows_;   // T N
  std::int64_t state_;  // N H
  std::int64_t gates_;  // 4 H
  std::unique_ptr<LstmForwardSteps<T>> forward_steps_;
  std::unique_ptr<LstmBackwardSteps<T>> backward_steps_;
  LstmProducts products_;
  LstmSaved saved_;

  Partition forward_scratch_, backward_scratch_;
  std::size_t scratch_gates_ = 0, scratch_c_ = 0, scratch_products_ = 0, scratch_steps_ = 0;
  std::size_t back_past_ = 0, back_products_ = 0, back_steps_ = 0;
};

// plan_lstm of kernels/lstm.h on a device with these limits.
std::unique_ptr<LstmKernel> plan_lstm(Context& context, const LstmProblem& problem,
                                      const LstmPersistentLimits& limits);

// The elements, or null where the tensor is absent.
template <class T>
T* elements_of(const Tensor& x) {
  return x ? x.as<T>() : nullptr;
}

// past: [T N, H], the h that every step continues, zero for rows that start. y: [T, N, H] of the
// same type; cont: [T, N], absent: all continue; h0: [N, H], absent: past is without the first
// step.
void gather_past(Context& context, const Tensor& y, const Tensor& cont, const float* h0,
                 const Tensor& past);
// sums[n, j] = sum over t of gates[t, n, j], in the order of t. gates: [T N, J]; sums: [N, J] of
// the same type.
void sum_over_steps(Context& context, const Tensor& gates, std::int64_t steps, const Tensor& sums);

}  // namespace lrcn::cuda
