// The elementwise half of an LSTM step, for one row and at most kLanes units.
//
// The four gates of unit j lie at [0, j], [1, j], [2, j], [3, j] of arrays with a stride between
// the gates: i, f, g, o.
#pragma once

#include <cstdint>

#include "kernels/cpu/simd_vector.h"

namespace lrcn::cpu {

// What a row gives to and takes from gates_forward, each pointing at its first unit.
struct GateRowForward {
  const float* base = nullptr;          // pre-activations to add: bias or projected input
  const float* static_gates = nullptr;  // more of them; absent: none
  const float* c_before = nullptr;      // absent: 0
  float* gates = nullptr;               // activated gates out; absent: not wanted
  float* c = nullptr;                   // may be c_before
  float* y = nullptr;
};

// i, f, o = sigmoid(a), g = tanh(a), c = f c_before + i g, y = o tanh(c).
// a: the four products, to which base and static_gates are added; all other gates lie `units`
// apart.
void gates_forward(std::int64_t count, std::int64_t units, float (&a)[4][kLanes],
                   const GateRowForward& row);

struct GateRowBackward {
  const float* dy = nullptr;        // absent: 0
  const float* dh = nullptr;        // more gradient of h, from the following step; absent: 0
  const float* dc_after = nullptr;  // gradient of c from the following step; absent: 0
  const float* c_before = nullptr;  // absent: 0
  const float* c = nullptr;
  float* gates = nullptr;  // activated gates in, gradients of the pre-activations out
  float* dc = nullptr;     // gradient of c_before; may be dc_after
  bool continues = true;   // false: dc is 0
};

// With dh = dy + dh, t = tanh(c) and dc = dc_after + dh o (1 - t^2):
// da_i = dc g i (1 - i), da_f = dc c_before f (1 - f), da_g = dc i (1 - g^2), da_o = dh t o (1 -
// o), dc_before = dc f.
void gates_backward(std::int64_t count, std::int64_t units, const GateRowBackward& row);

}  // namespace lrcn::cpu
