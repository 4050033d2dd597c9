// A long short-term memory layer over a whole sequence (formula and gate order: kernels/lstm.h).
#pragma once

#include "kernels/lstm.h"
#include "layers/layer.h"
#include "layers/planned.h"

namespace lrcn {

struct LstmOptions {
  std::int64_t hidden = 0;  // H
  // Which inputs there are; they follow x in this order.
  bool cont = false;           // cont f32 [T, N]: 0 where a sequence starts, else 1
  bool static_gates = false;   // [N, 4H], added to the gates at every step
  bool initial_state = false;  // h0, c0: f32 [N, H]
  // Start from the final state of the previous forward instead of zero (truncated backpropagation
  // through time); needs cont, which resets rows. No gradient flows into the previous sequence.
  bool carry_state = false;
  // Evaluation keeps its weights as bf16 where that is faster (decoding); sums stay f32.
  bool bf16_weights = false;
  Initializer weight_init = Initializer::uniform(0.08f);
  float forget_bias = 0.0f;  // first value of the forget gate's bias; the others start at 0
  ParamOptions weight_options = {};
  ParamOptions bias_options = {};
};

// Inputs: x [T, N, ...] (I features), then those chosen in the options.
// Outputs: y [T, N, H], h_T f32 [N, H], c_T f32 [N, H].
// x, static_gates and y are of the planner's activation type; the others are f32.
// Parameters, gates in the order i, f, g, o: weight_ih [4H, I], weight_hh [4H, H], bias [4H].
class Lstm final : public Layer {
 public:
  explicit Lstm(const LstmOptions& options) : options_(options) {}

  std::string_view type() const override { return "lstm"; }
  std::vector<TensorSpec> plan(Planner& planner) override;
  void forward(Context& context, const Frame& frame) override;
  void backward(Context& context, const Frame& frame) override;
  std::string kernels() const override;

 private:
  int input_count() const;
  LstmForward arguments(const Frame& frame) const;

  LstmOptions options_;
  LstmProblem problem_;
  int cont_input_ = -1;
  int static_input_ = -1;
  int state_input_ = -1;  // h0; c0 follows
  // Slots.
  int packed_ = -1;
  int saved_ = -1;
  int scratch_ = -1;
  int carried_h_ = -1, carried_c_ = -1;  // [N, H]: the final state of the last forward
  int first_h_ = -1, first_c_ = -1;      // [N, H]: what forward started from, for backward
  Planned<LstmKernel> kernel_;
};

}  // namespace lrcn
