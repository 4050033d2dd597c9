// One unit of one row of one LSTM step: everything that follows the product with W_hh.
//
// With dh, dc the gradients of h_t, c_t and s = tanh(c_t):
//   dc += dh o (1 - s^2)
//   da_i = dc g i (1 - i), da_f = dc c_{t-1} f (1 - f), da_g = dc i (1 - g^2), da_o = dh s o (1 -
//   o) dc_{t-1} = dc f
#pragma once

#include <cstdint>

#include "kernels/cuda/device.h"
#include "kernels/cuda/element.h"
#include "kernels/cuda/lstm_steps.h"
#include "kernels/vector_math.h"

namespace lrcn::cuda {

// The four gates of a unit, or what is added up to them.
struct Gates {
  float i = 0.0f;
  float f = 0.0f;
  float g = 0.0f;
  float o = 0.0f;
};

__device__ inline Gates operator+(Gates a, Gates b) {
  return {a.i + b.i, a.f + b.f, a.g + b.g, a.o + b.o};
}

// The gates of a unit lie H apart.
template <class T>
__device__ Gates load_gates(const T* at, std::int64_t units) {
  return {load(at), load(at + units), load(at + 2 * units), load(at + 3 * units)};
}
template <class T>
__device__ void store_gates(Gates gates, T* at, std::int64_t units) {
  store(at, gates.i);
  store(at + units, gates.f);
  store(at + 2 * units, gates.g);
  store(at + 3 * units, gates.o);
}

// Whether row n has a past at step t. Where it has none, nothing of the past may be looked at.
__device__ inline bool has_past(const float* cont, bool initial_state, std::int64_t t,
                                std::int64_t row) {
  return (t > 0 || initial_state) && (cont == nullptr || cont[row] != 0.0f);
}

// Where one unit of one row of one step lies.
struct UnitPlace {
  std::int64_t row;     // t N + n, of [T, N, ...]
  std::int64_t state;   // of [N, H]
  std::int64_t output;  // of [T, N, H]
  std::int64_t gates;   // of [T, N, 4H]

  template <class Sequence>
  __device__ UnitPlace(const Sequence& s, std::int64_t t, std::int64_t n, std::int64_t unit)
      : row(t * s.batch + n),
        state(n * s.units + unit),
        output(row * s.units + unit),
        gates(row * 4 * s.units + unit) {}
};

// What is known of the pre-activations before the step.
template <class T>
__device__ Gates given_gates(const LstmForwardSequence<T>& s, const UnitPlace& at, std::int64_t n,
                             std::int64_t unit) {
  Gates given = s.projected != nullptr ? load_gates(s.projected + at.gates, s.units)
                                       : load_gates(s.bias + unit, s.units);
  if (s.static_gates != nullptr) {
    given = given + load_gates(s.static_gates + n * 4 * s.units + unit, s.units);
  }
  return given;
}

struct UnitState {
  float c;
  float h;
};

// Activates and writes everything but the c of sequences without gates. a: pre-activations;
// c_before: 0 for rows that start.
template <class T>
__device__ UnitState finish_unit(const LstmForwardSequence<T>& s, const UnitPlace& at,
                                 std::int64_t t, Gates a, float c_before) {
  const Gates gate = {vector_sigmoid(a.i), vector_sigmoid(a.f), vector_tanh(a.g),
                      vector_sigmoid(a.o)};
  const float c = multiply_add(gate.i, gate.g, gate.f * c_before);
  const float h = gate.o * vector_tanh(c);
  store(s.y + at.output, h);
  if (s.gates != nullptr) {
    store_gates(gate, s.gates + at.gates, s.units);
    s.c[at.output] = c;
  }
  if (t == s.steps - 1) {
    if (s.h_last != nullptr) {
      s.h_last[at.state] = h;
    }
    if (s.c_last != nullptr) {
      s.c_last[at.state] = c;
    }
  }
  return {c, h};
}

// What backward reads of a unit, apart from what the following step gives. They can be loaded while
// that step is still being worked on.
struct UnitRecord {
  Gates gate;
  float c;
  float c_before;
  float dh;  // gradients that do not come through the following step
  float dc;
  bool past;
};

template <class T>
__device__ UnitRecord load_record(const LstmBackwardSequence<T>& s, const UnitPlace& at,
                                  std::int64_t t) {
  UnitRecord record = {.gate = load_gates(s.gates + at.gates, s.units),
                       .c = s.c[at.output],
                       .c_before = 0.0f,
                       .dh = s.dy != nullptr ? load(s.dy + at.output) : 0.0f,
                       .dc = 0.0f,
                       .past = has_past(s.cont, s.c0 != nullptr, t, at.row)};
  if (record.past) {
    record.c_before = t == 0 ? s.c0[at.state] : s.c[at.output - s.batch * s.units];
  }
  if (t == s.steps - 1) {
    record.dh += s.dh_last != nullptr ? s.dh_last[at.state] : 0.0f;
    record.dc += s.dc_last != nullptr ? s.dc_last[at.state] : 0.0f;
  }
  return record;
}

// Gradients of the pre-activations, and of the c before.
struct UnitGradients {
  Gates da;
  float dc_before;
};

// dh, dc: from the following step; 0 where there is none or it starts anew.
__device__ inline UnitGradients unit_gradients(const UnitRecord& record, float dh, float dc) {
  const Gates& gate = record.gate;
  const float tanh_c = vector_tanh(record.c);
  dh += record.dh;
  dc = multiply_add(dh * gate.o, multiply_add(-tanh_c, tanh_c, 1.0f), dc + record.dc);
  return {.da = {.i = dc * gate.g * (gate.i * (1.0f - gate.i)),
                 .f = dc * record.c_before * (gate.f * (1.0f - gate.f)),
                 .g = dc * gate.i * multiply_add(-gate.g, gate.g, 1.0f),
                 .o = dh * tanh_c * (gate.o * (1.0f - gate.o))},
          .dc_before = record.past ? dc * gate.f : 0.0f};
}

}  // namespace lrcn::cuda
