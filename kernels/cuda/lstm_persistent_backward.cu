// All steps of an LSTM backward by one kernel. A block keeps the weights of a slice of the units
// for all gates, or for a part of them, in shared memory, and multiplies them with the gradients of
// the gates that all blocks have written in the step before. Where terms are divided into parts,
// the blocks of a slice meet twice in a step, but read that much less.
#include "kernels/cuda/lstm_factors.h"
#include "kernels/cuda/lstm_gates.h"
#include "kernels/cuda/lstm_persistent_steps.h"

namespace lrcn::cuda {
namespace {

// Sums over the terms of one part each, [parts, rows, units] of the block's slice and group.
struct Products {
  float* data;
  std::int64_t part_stride;
  std::int64_t row_stride;
  int parts;

  __device__ float* at(int part, int row, int unit) const {
    return data + part * part_stride + row * row_stride + unit;
  }
  __device__ float sum(int row, int unit) const {
    float total = *at(0, row, unit);
    for (int part = 1; part < parts; ++part) {
      total += *at(part, row, unit);
    }
    return total;
  }
};

// w[j, k] = W_hh[gate H + i, first + j] for the terms 4 i + gate = first_term + k of the part
template <class T, class Factors>
__global__ void __launch_bounds__(kLstmMostThreads, 1)
    lstm_persistent_backward_kernel(LstmBackwardSequence<T> s, LstmPersistentShape shape,
                                    GridBarrier barrier,
                                    LstmExchange<typename Factors::Word> exchange) {
  using Word = typename Factors::Word;
  const LstmBlock block(shape, s.batch, s.units);
  const int first_term = block.part * shape.panel.depth;
  const int terms = int(4 * s.units) - first_term;
  LstmPanelShape panel_shape = shape.panel;
  panel_shape.depth = terms < panel_shape.depth ? terms : panel_shape.depth;
  const Panel<Factors> panel = lstm_panel<Factors>(panel_shape);
  float* states = floats_behind(panel);  // dc: [shape.own_rows, shape.units]
  const Products products =
      shape.parts > 1 ? Products{exchange.partials + block.first_row * s.units + block.first_unit,
                                 s.batch * s.units, s.units, shape.parts}
                      : Products{states + shape.own_rows * shape.units, 0, shape.units, 1};
  // The rows of the group whose units this block finishes.
  const int first_own = block.part * shape.own_rows;
  const int left = block.rows - first_own;
  const int own = (left < shape.own_rows ? (left < 0 ? 0 : left) : shape.own_rows) * shape.units;
  // Numbered as if every slice were as wide as the first.
  const auto is_own = [&](int i) { return i < own && shape.by_units(i).remainder < block.units; };
  const auto place_of = [&](std::int64_t t, int i) {
    const auto [row, unit] = shape.by_units(i);
    return UnitPlace(s, t, block.first_row + first_own + row, block.first_unit + unit);
  };
  const auto record_at = [&](std::int64_t t, int i) {
    return t >= 0 && is_own(i) ? load_record(s, place_of(t, i), t) : UnitRecord{};
  };

  load_weights<false, 1>(panel, [&](int output, int k) -> const float* {
    const int term = first_term + k;
    const std::int64_t from = (term % 4 * s.units + term / 4) * s.units + block.first_unit;
    return output < block.units && term < 4 * s.units ? s.weight_hh + from + output : nullptr;
  });

  // dh for the rows of the group and the units of the slice, from the gradients of step t.
  const auto multiply = [&](std::int64_t t) {
    PanelStream<Factors> stream(panel, exchange.at(t, block.first_row) + first_term,
                                exchange.stride, block.rows);
    for (int first = 0; first < block.rows; first += panel_shape.rows) {
      const int present = block.rows - first;
      stream.multiply();
      const int rows = present < panel_shape.rows ? present : panel_shape.rows;
      for (int i = int(threadIdx.x); i < rows * shape.units; i += int(blockDim.x)) {
        const auto [row, unit] = shape.by_units(i);
        if (unit < block.units) {
          *products.at(block.part, first + row, unit) = panel_sums<1>(panel, row, unit).at[0];
        }
      }
    }
    if (shape.parts > 1) {
      grid_sync(barrier);
    } else {
      __syncthreads();
    }
  };
  const auto dh_of = [&](int i) {
    const auto [row, unit] = shape.by_units(i);
    return products.sum(first_own + row, unit);
  };

  UnitRecord next = record_at(s.steps - 1, int(threadIdx.x));
  for (std::int64_t t = s.steps - 1; t >= 0; --t) {
    const bool last = t == s.steps - 1;
    if (!last) {
      multiply(t + 1);
    }
    for (int i = int(threadIdx.x); i < own; i += int(blockDim.x)) {
      const UnitRecord record = next;
      next = record_at(t, i + int(blockDim.x));
      if (!is_own(i)) {
        continue;
      }
      const UnitPlace at = place_of(t, i);
      const bool goes_on = !last && has_past(s.cont, true, t + 1, at.row + s.batch);
      const UnitGradients d =
          unit_gradients(record, goes_on ? dh_of(i) : 0.0f, last ? 0.0f : states[i]);
      states[i] = d.dc_before;
      store_gates(d.da, s.gates + at.gates, s.units);
      const std::int64_t n = at.row - t * s.batch;
      Word* to = exchange.at(t, n) + 4 * (at.state - n * s.units);
      *reinterpret_cast<FourOf<Word>*>(to) = {{Factors::word_of(d.da.i), Factors::word_of(d.da.f),
                                               Factors::word_of(d.da.g), Factors::word_of(d.da.o)}};
      if (t == 0 && s.dc0 != nullptr) {
        s.dc0[at.state] = d.dc_before;
      }
    }
    // Before the barrier: these do not depend on what other blocks do.
    next = record_at(t - 1, int(threadIdx.x));
    if (t > 0 || s.dh0 != nullptr) {
      grid_sync(barrier);
    }
  }
  if (s.dh0 == nullptr) {
    return;
  }
  if (s.c0 != nullptr) {
    multiply(0);
  }
  for (int i = int(threadIdx.x); i < own; i += int(blockDim.x)) {
    if (!is_own(i)) {
      continue;
    }
    const UnitPlace at = place_of(0, i);
    s.dh0[at.state] = has_past(s.cont, s.c0 != nullptr, 0, at.row) ? dh_of(i) : 0.0f;
  }
}

}  // namespace

template <class T>
std::unique_ptr<LstmBackwardSteps<T>> plan_persistent_backward(Context& context,
                                                               const LstmProblem& problem,
                                                               const LstmPersistentLimits& limits) {
  return with_factors<T, kLstmBf16BackwardTile, kLstmTf32BackwardTile>(
      problem.precision, [&]<class Factors>(Factors) {
        return plan_persistent<LstmBackwardSequence<T>, Factors>(
            context, problem, limits, lstm_persistent_backward_kernel<T, Factors>);
      });
}

template std::unique_ptr<LstmBackwardSteps<float>> plan_persistent_backward(
    Context&, const LstmProblem&, const LstmPersistentLimits&);
template std::unique_ptr<LstmBackwardSteps<BFloat16>> plan_persistent_backward(
    Context&, const LstmProblem&, const LstmPersistentLimits&);

}  // namespace lrcn::cuda
