// One step of an LSTM: the product with packed weights and the gates behind it, fused.
//
// A thread takes a run of units, multiplies all rows with the weights of their four gates and
// finishes the gates while the sums are in the cache, so that a step costs one barrier.
#pragma once

#include <cstdint>
#include <memory>

#include "kernels/lstm.h"

namespace lrcn::cpu {

struct LstmStepForward {
  const float* x = nullptr;             // [N, I] of a step packed with input; else already in base
  const float* h_before = nullptr;      // [N, H], rows that start are zero; absent: all start
  const float* base = nullptr;          // pre-activations [N, 4H], or the bias [4H]
  std::int64_t base_stride = 0;         // 4H, or 0 for the bias
  const float* static_gates = nullptr;  // [N, 4H], optional
  const float* c_before = nullptr;      // [N, H]; absent: all start
  const float* cont = nullptr;          // [N], chooses rows of c_before; absent: all continue
  float* gates = nullptr;               // [N, 4H], optional
  float* c = nullptr;                   // [N, H], may be c_before
  float* y = nullptr;                   // [N, H]
};

struct LstmStepBackward {
  const float* dgates_after = nullptr;  // [N, 4H] of the following step; absent: no gradient of h
  const float* cont_after = nullptr;    // [N], which rows the following step continues; absent: all
  const float* dh_last = nullptr;       // [N, H], more gradient of h; optional
  const float* dy = nullptr;            // [N, H]; absent: 0
  const float* dc_after = nullptr;      // [N, H], optional
  const float* c_before = nullptr;      // [N, H]; absent: all rows start
  const float* cont = nullptr;          // [N]; absent: all continue, or all start without c_before
  const float* c = nullptr;             // [N, H]
  float* gates = nullptr;               // [N, 4H], becomes their gradients
  float* dc = nullptr;                  // [N, H], may be dc_after
};

class LstmStep {
 public:
  virtual ~LstmStep() = default;

  virtual std::size_t packed_bytes() const = 0;
  virtual void pack(const LstmWeights& weights, void* packed) const = 0;
  virtual void forward(const void* packed, const LstmStepForward& step) const = 0;
  // As planned with problem.backward.
  virtual void backward(const void* packed, const LstmStepBackward& step) const = 0;
  // dh = dgates W_hh, zero in rows that start. dgates: [N, 4H]; dh: [N, H].
  virtual void backward_to_h(const void* packed, const float* dgates, const float* cont,
                             float* dh) const = 0;
};

// fused_input: forward takes x and multiplies with W_ih as well.
std::unique_ptr<LstmStep> plan_lstm_step(const LstmProblem& problem, bool fused_input);

}  // namespace lrcn::cpu
