#include "kernels/cpu/lstm_gates.h"

#include <algorithm>

#include "kernels/vector_math.h"

namespace lrcn::cpu {

namespace {

// The first `count` lanes; whole vectors, the usual case, without a loop.
inline void load_lanes(const float* from, std::int64_t count, float (&to)[kLanes]) {
  if (count == kLanes) {
    store(to, load(from));
  } else {
    std::copy(from, from + count, to);
  }
}
inline void store_lanes(const float (&from)[kLanes], std::int64_t count, float* to) {
  if (count == kLanes) {
    store(to, load(from));
  } else {
    std::copy(from, from + count, to);
  }
}

inline void add_lanes(const float* from, std::int64_t count, float (&to)[kLanes]) {
  float value[kLanes] = {};
  load_lanes(from, count, value);
  store(to, load(to) + load(value));
}

}  // namespace

void gates_forward(std::int64_t count, std::int64_t units, float (&a)[4][kLanes],
                   const GateRowForward& row) {
  for (int q = 0; q < 4; ++q) {
    add_lanes(row.base + q * units, count, a[q]);
    if (row.static_gates != nullptr) {
      add_lanes(row.static_gates + q * units, count, a[q]);
    }
  }
  float c[kLanes] = {};
  if (row.c_before != nullptr) {
    load_lanes(row.c_before, count, c);
  }
  float y[kLanes];
  // All lanes, so that the loop is one vector; what lies behind `count` is not stored.
#pragma omp simd
  for (int j = 0; j < kLanes; ++j) {
    a[0][j] = vector_sigmoid(a[0][j]);
    a[1][j] = vector_sigmoid(a[1][j]);
    a[2][j] = vector_tanh(a[2][j]);
    a[3][j] = vector_sigmoid(a[3][j]);
    c[j] = multiply_add(a[0][j], a[2][j], a[1][j] * c[j]);
    y[j] = a[3][j] * vector_tanh(c[j]);
  }
  store_lanes(c, count, row.c);
  store_lanes(y, count, row.y);
  if (row.gates != nullptr) {
    for (int q = 0; q < 4; ++q) {
      store_lanes(a[q], count, row.gates + q * units);
    }
  }
}

void gates_backward(std::int64_t count, std::int64_t units, const GateRowBackward& row) {
  float gate[4][kLanes] = {};
  for (int q = 0; q < 4; ++q) {
    load_lanes(row.gates + q * units, count, gate[q]);
  }
  float dh[kLanes] = {};
  if (row.dy != nullptr) {
    load_lanes(row.dy, count, dh);
  }
  if (row.dh != nullptr) {
    add_lanes(row.dh, count, dh);
  }
  float dc[kLanes] = {};
  if (row.dc_after != nullptr) {
    load_lanes(row.dc_after, count, dc);
  }
  float before[kLanes] = {};
  if (row.c_before != nullptr) {
    load_lanes(row.c_before, count, before);
  }
  float c[kLanes] = {};
  load_lanes(row.c, count, c);
  const float kept = row.continues ? 1.0f : 0.0f;
#pragma omp simd
  for (int j = 0; j < kLanes; ++j) {
    const float i = gate[0][j];
    const float f = gate[1][j];
    const float g = gate[2][j];
    const float o = gate[3][j];
    const float t = vector_tanh(c[j]);
    const float from_c = multiply_add(dh[j] * o, multiply_add(-t, t, 1.0f), dc[j]);
    gate[0][j] = from_c * g * (i * (1.0f - i));
    gate[1][j] = from_c * before[j] * (f * (1.0f - f));
    gate[2][j] = from_c * i * multiply_add(-g, g, 1.0f);
    gate[3][j] = dh[j] * t * (o * (1.0f - o));
    dc[j] = kept > 0.0f ? from_c * f : 0.0f;
  }
  for (int q = 0; q < 4; ++q) {
    store_lanes(gate[q], count, row.gates + q * units);
  }
  store_lanes(dc, count, row.dc);
}

}  // namespace lrcn::cpu
