// The products of an LSTM sequence that do not wait for the recurrence, each over all steps at
// once, on any device:
//   gates = x W_ih^T + bias
//   dW_ih += dgates^T x, dW_hh += dgates^T h_before, dx = dgates W_ih
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "kernels/lstm.h"
#include "kernels/matmul.h"

namespace lrcn {

class LstmProducts {
 public:
  // project: project() will be called; needs inputs.
  LstmProducts(Context& context, const LstmProblem& problem, bool project);

  std::size_t forward_scratch_bytes() const;
  std::size_t backward_scratch_bytes() const { return backward_bytes_; }

  // gates: [T N, 4H]; scratch: u8 [forward_scratch_bytes()].
  void project(Context& context, const LstmForward& arguments, const Tensor& gates,
               const Tensor& scratch) const;

  // Rows of h_before: all T N, or without those of the first step where it has no past.
  std::int64_t past_rows() const { return past_rows_; }
  // The gradients that the arguments name. dgates: [T N, 4H]; h_before: [past_rows(), H], absent
  // where there are none or weight_hh has no gradient; scratch: u8 [backward_scratch_bytes()].
  void backward(Context& context, const LstmBackward& arguments, const Tensor& dgates,
                const Tensor& h_before, const Tensor& scratch) const;

 private:
  std::int64_t rows_;  // T N
  std::int64_t past_rows_;
  std::unique_ptr<MatmulKernel> projection_;
  std::unique_ptr<MatmulKernel> weight_ih_;
  std::unique_ptr<MatmulKernel> weight_hh_;
  std::unique_ptr<MatmulKernel> input_;
  std::size_t backward_bytes_ = 0;
};

}  // namespace lrcn
