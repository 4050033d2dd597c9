// All steps of an LSTM by one kernel. A block keeps the weights of a slice of the units in shared
// memory; in each step it multiplies them with what all slices have written in the step before,
// finishes its own units, and meets the others at a barrier of the grid.
#include "kernels/cuda/lstm_factors.h"
#include "kernels/cuda/lstm_gates.h"
#include "kernels/cuda/lstm_persistent_steps.h"

namespace lrcn::cuda {
namespace {

// What a thread reads of its unit before the step.
struct GivenUnit {
  Gates gates;
  bool past = false;
};

// w[4 j + gate, k] = W_hh[gate H + first + j, k]
template <class T, class Factors>
__global__ void __launch_bounds__(kLstmMostThreads, 1)
    lstm_persistent_forward_kernel(LstmForwardSequence<T> s, LstmPersistentShape shape,
                                   GridBarrier barrier,
                                   LstmExchange<typename Factors::Word> exchange) {
  const LstmBlock block(shape, s.batch, s.units);
  const Panel<Factors> panel = lstm_panel<Factors>(shape.panel);
  float* states = floats_behind(panel);  // c: [shape.rows, shape.units]
  // A thread has one unit of one row of every panel.
  const int row = int(threadIdx.x) / shape.units;
  const int own_unit = int(threadIdx.x) % shape.units;
  const std::int64_t unit = block.first_unit + own_unit;
  const auto works = [&](int first) {
    return row < shape.panel.rows && own_unit < block.units && first + row < block.rows;
  };
  const auto row_of = [&](int first) { return std::int64_t(block.first_row) + first + row; };
  const auto state_of = [&](int first) { return states + (first + row) * shape.units + own_unit; };
  const auto given_at = [&](std::int64_t t, int first) {
    GivenUnit given;
    if (t < s.steps && works(first)) {
      const UnitPlace at(s, t, row_of(first), unit);
      given.gates = given_gates(s, at, row_of(first), unit);
      given.past = has_past(s.cont, s.h0 != nullptr, t, at.row);
    }
    return given;
  };

  const auto weights_at = [&](int output, int k) -> const float* {
    const std::int64_t from = std::int64_t(output % 4) * s.units + block.first_unit + output / 4;
    return output / 4 < block.units && k < s.units ? s.weight_hh + from * s.units + k : nullptr;
  };
  if (s.units % 4 == 0 && reinterpret_cast<std::uintptr_t>(s.weight_hh) % 16 == 0) {
    load_weights<true, 4>(panel, weights_at);
  } else {
    load_weights<true, 1>(panel, weights_at);
  }
  for (int first = 0; first < block.rows; first += shape.panel.rows) {
    if (s.h0 != nullptr && works(first)) {
      const std::int64_t at = row_of(first) * s.units + unit;
      exchange.at(0, row_of(first))[unit] = Factors::word_of(s.h0[at]);
      *state_of(first) = s.c0[at];
    }
  }
  GivenUnit next = given_at(0, 0);
  if (s.h0 != nullptr) {
    grid_sync(barrier);
  }
  for (std::int64_t t = 0; t < s.steps; ++t) {
    const bool continues = t > 0 || s.h0 != nullptr;
    PanelStream<Factors> stream(panel, exchange.at(t, block.first_row), exchange.stride,
                                continues ? block.rows : 0);
    for (int first = 0; first < block.rows; first += shape.panel.rows) {
      const GivenUnit given = next;
      if (continues) {
        stream.multiply();
      }
      if (works(first)) {
        const std::int64_t n = row_of(first);
        float* c = state_of(first);
        Gates a = given.gates;
        if (given.past) {
          const FourOf<float> sums = panel_sums<4>(panel, row, 4 * own_unit);
          a = Gates{sums.at[0], sums.at[1], sums.at[2], sums.at[3]} + a;
        }
        const UnitState state =
            finish_unit(s, UnitPlace(s, t, n, unit), t, a, given.past ? *c : 0.0f);
        *c = state.c;
        exchange.at(t + 1, n)[unit] = Factors::word_of(state.h);
      }
      // Before the barrier: these do not depend on what other blocks do.
      const int following = first + shape.panel.rows;
      next = following < block.rows ? given_at(t, following) : given_at(t + 1, 0);
    }
    if (t < s.steps - 1) {
      grid_sync(barrier);
    }
  }
}

}  // namespace

template <class T>
std::unique_ptr<LstmForwardSteps<T>> plan_persistent_forward(Context& context,
                                                             const LstmProblem& problem,
                                                             const LstmPersistentLimits& limits) {
  return with_factors<T, kLstmBf16ForwardTile, kLstmTf32ForwardTile>(
      problem.precision, [&]<class Factors>(Factors) {
        return plan_persistent<LstmForwardSequence<T>, Factors>(
            context, problem, limits, lstm_persistent_forward_kernel<T, Factors>);
      });
}

template std::unique_ptr<LstmForwardSteps<float>> plan_persistent_forward(
    Context&, const LstmProblem&, const LstmPersistentLimits&);
template std::unique_ptr<LstmForwardSteps<BFloat16>> plan_persistent_forward(
    Context&, const LstmProblem&, const LstmPersistentLimits&);

}  // namespace lrcn::cuda
