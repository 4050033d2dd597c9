// The recurrent part of an LSTM: what has to go step by step. Two ways to do it share this
// interface.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "kernels/lstm.h"

namespace lrcn::cuda {

// A sequence forward, as kernels take it. T: what activations and gates are in memory, float or
// BFloat16. Absent pointers are null.
template <class T>
struct LstmForwardSequence {
  static constexpr bool kBackward = false;
  using Element = T;

  std::int64_t steps = 0;            // T
  std::int64_t batch = 0;            // N
  std::int64_t units = 0;            // H
  const float* weight_hh = nullptr;  // [4H, H]
  const float* bias = nullptr;       // [4H], read where nothing is projected
  const T* projected = nullptr;      // pre-activations with bias [T, N, 4H], optional
  const T* static_gates = nullptr;   // [N, 4H], optional
  const float* cont = nullptr;       // [T, N], optional
  const float* h0 = nullptr;         // [N, H], with c0 or not at all
  const float* c0 = nullptr;         // [N, H]
  T* gates = nullptr;                // [T, N, 4H], activated, optional; may be projected
  float* c = nullptr;                // [T, N, H] with gates, else one step, [N, H]
  T* y = nullptr;                    // [T, N, H]; the following step takes h from it
  float* h_last = nullptr;           // [N, H], optional; may be h0
  float* c_last = nullptr;           // [N, H], optional; may be c0
};

// The same backward: turns gates into the gradients of the pre-activations.
template <class T>
struct LstmBackwardSequence {
  static constexpr bool kBackward = true;
  using Element = T;

  std::int64_t steps = 0;
  std::int64_t batch = 0;
  std::int64_t units = 0;
  const float* weight_hh = nullptr;  // [4H, H]
  const float* cont = nullptr;       // [T, N], optional
  const T* dy = nullptr;             // [T, N, H], optional
  const float* dh_last = nullptr;    // [N, H], optional
  const float* dc_last = nullptr;    // [N, H], optional
  const float* c = nullptr;          // [T, N, H]
  const float* c0 = nullptr;         // [N, H]; absent: starts from zero
  T* gates = nullptr;                // [T, N, 4H], activated in, gradients out
  float* dh0 = nullptr;              // [N, H], optional
  float* dc0 = nullptr;              // [N, H], optional
};

// One direction of it, planned. Scratch: u8 [scratch_bytes()].
template <class Sequence>
class LstmSteps {
 public:
  virtual ~LstmSteps() = default;

  virtual std::string algorithm() const = 0;  // "persistent bf16"
  virtual std::size_t scratch_bytes() const = 0;
  virtual void run(Context& context, const Sequence& sequence, const Tensor& scratch) const = 0;
};
template <class T>
using LstmForwardSteps = LstmSteps<LstmForwardSequence<T>>;
template <class T>
using LstmBackwardSteps = LstmSteps<LstmBackwardSequence<T>>;

// A product and a kernel for each step: any device, any size. T: float, BFloat16.
template <class T>
std::unique_ptr<LstmForwardSteps<T>> plan_stepwise_forward(Context& context,
                                                           const LstmProblem& problem);
template <class T>
std::unique_ptr<LstmBackwardSteps<T>> plan_stepwise_backward(Context& context,
                                                             const LstmProblem& problem);

}  // namespace lrcn::cuda
