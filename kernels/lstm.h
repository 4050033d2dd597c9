// A whole LSTM sequence, forward and backward.
//
// Hochreiter and Schmidhuber 1997, with forget gates (Gers et al. 2000) and without peepholes:
//   a_t = W_ih x_t + W_hh h_{t-1} + bias + static_gates
//   i, f, o = sigmoid(a_i, a_f, a_o), g = tanh(a_g), in this order i, f, g, o
//   c_t = f c_{t-1} + i g,  y_t = h_t = o tanh(c_t)
// Where cont[t, n] is 0 a sequence starts: row n forgets its old h and c before step t. They are
// selected away, so that NaN in them cannot leak. cont itself is never differentiated.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/precision.h"
#include "core/tensor.h"
#include "kernels/op.h"

namespace lrcn {

// How a CUDA device takes the steps; elsewhere it means nothing. stepwise: some kernels for each
// step. persistent: one kernel for all steps that keeps W_hh on the chip, where the problem has
// more than one step and fits the device; otherwise stepwise. automatic: persistent where it can be
// had. The two round differently.
enum class LstmAlgorithm : std::uint8_t { automatic, stepwise, persistent };

struct LstmProblem {
  std::int64_t steps = 0;       // T
  std::int64_t batch = 0;       // N
  std::int64_t inputs = 0;      // I; 0: no x and no weight_ih, all input arrives by static_gates
  std::int64_t units = 0;       // H
  bool cont = false;            // with sequence starts; without: all steps continue
  bool static_gates = false;    // with a projected input that is the same at every step
  bool initial_state = false;   // with h0 and c0; without: zero
  bool backward = false;        // backward() will be called: forward saves what it needs
  bool input_gradient = false;  // backward writes dx
  bool bf16_weights = false;    // decoding only: weights may be kept as bf16, sums in f32
  Precision precision = Precision::f32;
  // Of x, y, static_gates and their gradients, f32 or bf16. bf16: on CUDA, with that precision. The
  // states, their gradients and cont are f32 throughout, like weights.
  DType dtype = DType::f32;
  LstmAlgorithm algorithm = LstmAlgorithm::automatic;
};

struct LstmWeights {
  Tensor weight_ih = {};  // [4H, I]
  Tensor weight_hh = {};  // [4H, H]
  Tensor bias = {};       // [4H]
};

struct LstmForward {
  LstmWeights weights = {};
  Tensor x = {};             // [T, N, I]
  Tensor cont = {};          // [T, N], 1: continue, 0: start
  Tensor static_gates = {};  // [N, 4H]
  Tensor h0 = {}, c0 = {};   // [N, H]
  Tensor y = {};             // [T, N, H]
  Tensor h_last = {};        // [N, H], optional; may be h0
  Tensor c_last = {};        // [N, H], optional; may be c0
  Tensor packed = {};        // u8 [packed_bytes()], what pack() wrote
  Tensor saved = {};         // u8 [saved_bytes()], from forward to backward
  Tensor scratch = {};       // u8 [forward_scratch_bytes()]
};

struct LstmBackward {
  LstmForward forward = {};           // as forward had them; h0, c0 and scratch are not read
  Tensor dy = {};                     // [T, N, H], optional: only the final state is read
  Tensor dh_last = {}, dc_last = {};  // [N, H], optional: gradients from what uses the final state
  Tensor dx = {};              // [T, N, I], written; present exactly when input_gradient is planned
  Tensor dstatic_gates = {};   // [N, 4H], optional, written
  Tensor dh0 = {}, dc0 = {};   // [N, H], optional, written
  LstmWeights gradients = {};  // each optional, added to
  Tensor scratch = {};         // u8 [backward_scratch_bytes()]
};

// A sequence planned for one problem; nothing is allocated afterwards.
class LstmKernel {
 public:
  virtual ~LstmKernel() = default;

  // How the steps of each planned direction are taken, for reports: "forward persistent bf16,
  // backward stepwise f32".
  virtual std::string algorithms() const = 0;

  virtual std::size_t packed_bytes() const = 0;
  virtual std::size_t saved_bytes() const = 0;
  virtual std::size_t forward_scratch_bytes() const = 0;
  virtual std::size_t backward_scratch_bytes() const = 0;

  // Rearranges the weights; to be called after every change of them, before forward. Free where
  // packed_bytes() is 0.
  virtual void pack(Context& context, const LstmWeights& weights, Tensor packed) const = 0;
  virtual void forward(Context& context, const LstmForward& arguments) const = 0;
  // Consumes `saved`: one backward for each forward.
  virtual void backward(Context& context, const LstmBackward& arguments) const = 0;
};

// Throws ArgumentError for sizes below 1 (inputs: below 0), options that exclude each other, or an
// element type that the device has no kernels for.
using PlanLstmFunction = std::unique_ptr<LstmKernel>(Context&, const LstmProblem& problem);

namespace cpu {
PlanLstmFunction plan_lstm;
}
namespace cuda {
PlanLstmFunction plan_lstm;
}

inline constexpr Op<PlanLstmFunction> plan_lstm{"lstm", cpu::plan_lstm,
                                                LRCN_CUDA_OP(cuda::plan_lstm)};

// The checks both backends share. Throw ArgumentError naming the tensor.
void check_lstm(const LstmProblem& problem);
void check_lstm(const LstmProblem& problem, const LstmWeights& weights);
void check_lstm(const LstmProblem& problem, const LstmForward& arguments);
void check_lstm(const LstmProblem& problem, const LstmBackward& arguments);

}  // namespace lrcn
