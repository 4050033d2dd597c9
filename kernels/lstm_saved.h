// What forward of an LSTM sequence leaves for backward, and where it lies.
#pragma once

#include "kernels/lstm.h"
#include "kernels/partition.h"

namespace lrcn {

struct LstmSaved {
  Partition partition = {};
  std::size_t gates = 0;       // [T, N, 4H] of problem.dtype: activated; their gradients afterwards
  std::size_t c = 0;           // f32 [T, N, H]
  std::size_t h0 = 0, c0 = 0;  // f32 [N, H], of a planned initial state, which may be overwritten

  // Nothing without backward.
  explicit LstmSaved(const LstmProblem& p) {
    if (!p.backward) {
      return;
    }
    const std::int64_t state = p.batch * p.units;
    gates = partition.add(std::size_t(p.steps * state * 4) * size_of(p.dtype));
    c = partition.add_floats(p.steps * state);
    if (p.initial_state) {
      h0 = partition.add_floats(state);
      c0 = partition.add_floats(state);
    }
  }
};

}  // namespace lrcn
