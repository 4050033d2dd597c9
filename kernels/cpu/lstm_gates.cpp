#include "kernels/cpu/lstm_gates.h"

#include <algorithm>

#include "kernels/vector_math.h"

namespace lrcn::cpu {

void gates_forward(std::int64_t count, std::int64_t units, float (&a)[4][kLanes],
                   const GateRowForward& row) {
  for (int q = 0; q < 4; ++q) {
    const float* base = row.base + q * units;
#pragma omp simd
    for (std::int64_t j = 0; j < count; ++j) {
      a[q][j] += base[j];
    }
    if (row.static_gates != nullptr) {
      const float* more = row.static_gates + q * units;
#pragma omp simd
      for (std::int64_t j = 0; j < count; ++j) {
        a[q][j] += more[j];
      }
    }
  }
  float before[kLanes] = {};
  if (row.c_before != nullptr) {
    std::copy(row.c_before, row.c_before + count, before);
  }
  // All lanes, so that the loop is one vector; those from count on are zero or harmless.
#pragma omp simd
  for (int j = 0; j < kLanes; ++j) {
    a[0][j] = vector_sigmoid(a[0][j]);
    a[1][j] = vector_sigmoid(a[1][j]);
    a[2][j] = vector_tanh(a[2][j]);
    a[3][j] = vector_sigmoid(a[3][j]);
    before[j] = multiply_add(a[0][j], a[2][j], a[1][j] * before[j]);
  }
#pragma omp simd
  for (std::int64_t j = 0; j < count; ++j) {
    row.c[j] = before[j];
    row.y[j] = a[3][j] * vector_tanh(before[j]);
  }
  if (row.gates != nullptr) {
    for (int q = 0; q < 4; ++q) {
      std::copy(a[q], a[q] + count, row.gates + q * units);
    }
  }
}

void gates_backward(std::int64_t count, std::int64_t units, const GateRowBackward& row) {
  const float* before = row.c_before;
  float* gates = row.gates;
#pragma omp simd
  for (std::int64_t j = 0; j < count; ++j) {
    const float i = gates[j];
    const float f = gates[units + j];
    const float g = gates[2 * units + j];
    const float o = gates[3 * units + j];
    const float t = vector_tanh(row.c[j]);
    const float dh = row.dy[j] + (row.dh != nullptr ? row.dh[j] : 0.0f);
    const float after = row.dc_after != nullptr ? row.dc_after[j] : 0.0f;
    const float dc = multiply_add(dh * o, multiply_add(-t, t, 1.0f), after);
    gates[j] = dc * g * (i * (1.0f - i));
    gates[units + j] = dc * (before != nullptr ? before[j] : 0.0f) * (f * (1.0f - f));
    gates[2 * units + j] = dc * i * multiply_add(-g, g, 1.0f);
    gates[3 * units + j] = dh * t * (o * (1.0f - o));
    row.dc[j] = row.continues ? dc * f : 0.0f;
  }
}

}  // namespace lrcn::cpu
