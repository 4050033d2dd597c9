// All steps of an LSTM by one kernel. A block keeps the weights of a slice of the units in shared
// memory; in each step it multiplies them with what all slices have written in the step before,
// finishes its own units, and meets the others at a barrier of the grid.
#include "kernels/cuda/cooperative.h"
#include "kernels/cuda/lstm_factors.h"
#include "kernels/cuda/lstm_gates.h"
#include "kernels/cuda/lstm_panel.h"
#include "kernels/cuda/lstm_persistent.h"
#include "kernels/partition.h"

namespace lrcn::cuda {
namespace {

constexpr int kMostThreads = 256;

// What blocks give each other from step to step: rows of f32 or rounded words, in two versions of
// which one is read while the other is written.
template <class Word>
struct Exchange {
  Word* words;  // [2, batch, stride]
  std::int64_t batch;
  std::int64_t stride;  // of rows, a multiple of 16 bytes

  __device__ Word* at(std::int64_t t, std::int64_t n) const {
    return words + ((t & 1) * batch + n) * stride;
  }
};

// One thread of a block: where the block stands in the sequence, and which unit of which row of a
// panel is the thread's.
struct Place {
  int first_unit;
  int first_row;
  int rows;  // of the block
  int row;   // of the thread, in a panel
  int unit;  // of the thread, in the slice
  bool has_unit;

  __device__ Place(const LstmPersistentShape& shape, std::int64_t batch, std::int64_t units)
      : first_unit(int(blockIdx.x) % shape.slices * shape.units),
        first_row(int(blockIdx.x) / shape.slices * shape.rows),
        rows(int(batch) - first_row < shape.rows ? int(batch) - first_row : shape.rows),
        row(int(threadIdx.x) / shape.units),
        unit(int(threadIdx.x) % shape.units),
        has_unit(row < shape.panel.rows && first_unit + unit < int(units)) {}

  // Whether the thread has something to do in the panel that begins with row `first` of the block.
  __device__ bool works(int first) const { return has_unit && first + row < rows; }
};

// Shared memory: weights, ring, sums, and one float for each unit and row of the block.
template <class Factors>
__device__ Panel<Factors> panel_of(const LstmPersistentShape& shape) {
  using Word = typename Factors::Word;
  const LstmPanelShape& p = shape.panel;
  Panel<Factors> panel{.shape = p, .weights = dynamic_shared<Word>(), .ring = {}, .sums = {}};
  panel.ring = panel.weights + p.outputs * panel.weight_stride();
  panel.sums = reinterpret_cast<float*>(panel.ring + kPanelStages * p.rows * panel.ring_stride());
  return panel;
}
template <class Factors>
__device__ float* states_of(const Panel<Factors>& panel) {
  return panel.sums + panel.shape.splits * panel.shape.rows * panel.shape.outputs;
}

// w[4 j + gate, k] = W_hh[gate H + first + j, k], zeros beyond. All threads of the block.
template <class Factors>
__device__ void load_forward_weights(const Panel<Factors>& panel, const float* weight_hh, int units,
                                     int first) {
  const int depth = panel.shape.padded_depth;
  for (int i = int(threadIdx.x); i < panel.shape.outputs * depth; i += int(blockDim.x)) {
    const int output = i / depth;
    const int k = i % depth;
    const int unit = first + output / 4;
    const std::int64_t row = std::int64_t(output % 4) * units + unit;
    const bool inside = unit < units && k < units;
    panel.weights[output * panel.weight_stride() + k] =
        Factors::word_of(inside ? weight_hh[row * units + k] : 0.0f);
  }
}

// w[j, 4 k + gate] = W_hh[gate H + k, first + j]
template <class Factors>
__device__ void load_backward_weights(const Panel<Factors>& panel, const float* weight_hh,
                                      int units, int first) {
  const int outputs = panel.shape.outputs;
  for (int i = int(threadIdx.x); i < outputs * panel.shape.padded_depth; i += int(blockDim.x)) {
    const int output = i % outputs;
    const int k = i / outputs;
    const std::int64_t row = std::int64_t(k % 4) * units + k / 4;
    const bool inside = first + output < units && k < 4 * units;
    panel.weights[output * panel.weight_stride() + k] =
        Factors::word_of(inside ? weight_hh[row * units + first + output] : 0.0f);
  }
}

// What a thread reads of its unit before the step.
struct ForwardUnit {
  Gates given;
  bool past = false;
};

template <class Factors>
__global__ void __launch_bounds__(kMostThreads)
    lstm_persistent_forward_kernel(LstmForwardSequence s, LstmPersistentShape shape,
                                   GridBarrier barrier, Exchange<typename Factors::Word> exchange) {
  const Place place(shape, s.batch, s.units);
  const Panel<Factors> panel = panel_of<Factors>(shape);
  float* states = states_of(panel);  // c: [rows, units]
  const std::int64_t unit = place.first_unit + place.unit;
  const auto row_of = [&](int first) { return std::int64_t(place.first_row) + first + place.row; };
  const auto load_unit = [&](std::int64_t t, int first) {
    ForwardUnit loaded;
    if (t < s.steps && place.works(first)) {
      const UnitPlace at(s, t, row_of(first), unit);
      loaded.given = given_gates(s, at, row_of(first), unit);
      loaded.past = has_past(s.cont, s.h0 != nullptr, t, at.row);
    }
    return loaded;
  };

  load_forward_weights(panel, s.weight_hh, int(s.units), place.first_unit);
  for (int first = 0; first < place.rows; first += shape.panel.rows) {
    if (s.h0 != nullptr && place.works(first)) {
      const std::int64_t at = row_of(first) * s.units + unit;
      exchange.at(0, row_of(first))[unit] = Factors::word_of(s.h0[at]);
      states[(first + place.row) * shape.units + place.unit] = s.c0[at];
    }
  }
  ForwardUnit next = load_unit(0, 0);
  if (s.h0 != nullptr) {
    grid_sync(barrier);
  }
  for (std::int64_t t = 0; t < s.steps; ++t) {
    for (int first = 0; first < place.rows; first += shape.panel.rows) {
      const ForwardUnit now = next;
      if (t > 0 || s.h0 != nullptr) {
        multiply_panel(panel, exchange.at(t, place.first_row + first), exchange.stride,
                       place.rows - first);
      }
      if (place.works(first)) {
        const std::int64_t n = row_of(first);
        float* c = states + (first + place.row) * shape.units + place.unit;
        const auto sum = [&](int gate) {
          return panel_sum(panel, place.row, 4 * place.unit + gate);
        };
        const Gates a = now.past ? Gates{sum(0), sum(1), sum(2), sum(3)} + now.given : now.given;
        const UnitState state =
            finish_unit(s, UnitPlace(s, t, n, unit), t, a, now.past ? *c : 0.0f);
        *c = state.c;
        exchange.at(t + 1, n)[unit] = Factors::word_of(state.h);
      }
      const int following = first + shape.panel.rows;
      next = following < place.rows ? load_unit(t, following) : load_unit(t + 1, 0);
    }
    if (t < s.steps - 1) {
      grid_sync(barrier);
    }
  }
}

template <class Factors>
__global__ void __launch_bounds__(kMostThreads)
    lstm_persistent_backward_kernel(LstmBackwardSequence s, LstmPersistentShape shape,
                                    GridBarrier barrier,
                                    Exchange<typename Factors::Word> exchange) {
  using Word = typename Factors::Word;
  struct alignas(4 * sizeof(Word)) Words {
    Word at[4];
  };
  const Place place(shape, s.batch, s.units);
  const Panel<Factors> panel = panel_of<Factors>(shape);
  float* states = states_of(panel);  // dc: [rows, units]
  const std::int64_t unit = place.first_unit + place.unit;
  const auto row_of = [&](int first) { return std::int64_t(place.first_row) + first + place.row; };
  const auto load_unit = [&](std::int64_t t, int first) {
    return t >= 0 && place.works(first) ? load_record(s, UnitPlace(s, t, row_of(first), unit), t)
                                        : UnitRecord{};
  };

  load_backward_weights(panel, s.weight_hh, int(s.units), place.first_unit);
  UnitRecord next = load_unit(s.steps - 1, 0);
  for (std::int64_t t = s.steps - 1; t >= 0; --t) {
    for (int first = 0; first < place.rows; first += shape.panel.rows) {
      const UnitRecord now = next;
      const std::int64_t n = row_of(first);
      const bool last = t == s.steps - 1;
      const bool goes_on =
          !last && place.works(first) && has_past(s.cont, true, t + 1, (t + 1) * s.batch + n);
      if (!last) {
        multiply_panel(panel, exchange.at(t + 1, place.first_row + first), exchange.stride,
                       place.rows - first);
      }
      if (place.works(first)) {
        float* dc = states + (first + place.row) * shape.units + place.unit;
        const UnitPlace at(s, t, n, unit);
        const UnitGradients d = unit_gradients(
            now, goes_on ? panel_sum(panel, place.row, place.unit) : 0.0f, last ? 0.0f : *dc);
        *dc = d.dc_before;
        store_gates(d.da, s.gates + at.gates, s.units);
        *reinterpret_cast<Words*>(exchange.at(t, n) + 4 * unit) = {
            {Factors::word_of(d.da.i), Factors::word_of(d.da.f), Factors::word_of(d.da.g),
             Factors::word_of(d.da.o)}};
        if (t == 0 && s.dc0 != nullptr) {
          s.dc0[at.state] = d.dc_before;
        }
      }
      const int following = first + shape.panel.rows;
      next = following < place.rows ? load_unit(t, following) : load_unit(t - 1, 0);
    }
    if (t > 0 || s.dh0 != nullptr) {
      grid_sync(barrier);
    }
  }
  if (s.dh0 == nullptr) {
    return;
  }
  for (int first = 0; first < place.rows; first += shape.panel.rows) {
    if (s.c0 != nullptr) {
      multiply_panel(panel, exchange.at(0, place.first_row + first), exchange.stride,
                     place.rows - first);
    }
    if (place.works(first)) {
      const std::int64_t n = row_of(first);
      s.dh0[n * s.units + unit] =
          has_past(s.cont, s.c0 != nullptr, 0, n) ? panel_sum(panel, place.row, place.unit) : 0.0f;
    }
  }
}

template <class Factors>
constexpr LstmTile tile_of() {
  return {.rows = Factors::kRows,
          .outputs = Factors::kOutputs,
          .depth = Factors::kDepth,
          .padding = Factors::kPadding,
          .word_bytes = int(sizeof(typename Factors::Word)),
          .terms_per_nanosecond = Factors::kTermsPerNanosecond};
}

template <class Sequence, class Factors>
class PersistentSteps final : public LstmSteps<Sequence> {
 public:
  using Word = typename Factors::Word;
  using Kernel = void (*)(Sequence, LstmPersistentShape, GridBarrier, Exchange<Word>);

  PersistentSteps(Context& context, const LstmProblem& problem, const LstmPersistentShape& shape,
                  Kernel kernel)
      : shape_(shape), kernel_(kernel), barrier_(grid_barrier(context)), batch_(problem.batch) {
    constexpr std::int64_t kWords = 16 / sizeof(Word);
    stride_ = (shape.panel.depth + kWords - 1) / kWords * kWords;
  }

  std::size_t scratch_bytes() const override {
    return std::size_t(2 * batch_ * stride_) * sizeof(Word);
  }

  void run(Context& context, const Sequence& sequence, const Tensor& scratch) const override {
    launch_cooperative(context,
                       {.grid = shape_.blocks(),
                        .block = unsigned(shape_.threads),
                        .shared_bytes = shape_.shared_bytes},
                       kernel_, sequence, shape_, barrier_,
                       Exchange<Word>{static_cast<Word*>(scratch.data), batch_, stride_});
  }

 private:
  LstmPersistentShape shape_;
  Kernel kernel_;
  GridBarrier barrier_;
  std::int64_t batch_;
  std::int64_t stride_;
};

// Nothing where the kernel cannot be had or is not wanted.
template <class Sequence, class Factors, class Kernel>
std::unique_ptr<LstmSteps<Sequence>> plan(Context& context, const LstmProblem& problem,
                                          const LstmPersistentLimits& limits, Kernel kernel) {
  constexpr bool kBackward = std::is_same_v<Sequence, LstmBackwardSequence>;
  constexpr LstmTile kTile = tile_of<Factors>();
  const auto shape = choose_lstm_shape(problem, kBackward, kTile, limits);
  if (!shape || (problem.algorithm == LstmAlgorithm::automatic &&
                 shape->step_nanoseconds > stepwise_lstm_nanoseconds(problem, kTile, limits))) {
    return nullptr;
  }
  const auto* function = reinterpret_cast<const void*>(kernel);
  if (shape->blocks() >
      most_resident_blocks(context, function, unsigned(shape->threads), shape->shared_bytes)) {
    return nullptr;
  }
  return std::make_unique<PersistentSteps<Sequence, Factors>>(context, problem, *shape, kernel);
}

}  // namespace

std::unique_ptr<LstmForwardSteps> plan_persistent_forward(Context& context,
                                                          const LstmProblem& problem,
                                                          const LstmPersistentLimits& limits) {
  if (problem.precision == Precision::bf16) {
    using Factors = Bf16Factors<4>;
    return plan<LstmForwardSequence, Factors>(context, problem, limits,
                                              lstm_persistent_forward_kernel<Factors>);
  }
  return plan<LstmForwardSequence, F32Factors>(context, problem, limits,
                                               lstm_persistent_forward_kernel<F32Factors>);
}

std::unique_ptr<LstmBackwardSteps> plan_persistent_backward(Context& context,
                                                            const LstmProblem& problem,
                                                            const LstmPersistentLimits& limits) {
  if (problem.precision == Precision::bf16) {
    using Factors = Bf16Factors<2>;
    return plan<LstmBackwardSequence, Factors>(context, problem, limits,
                                               lstm_persistent_backward_kernel<Factors>);
  }
  return plan<LstmBackwardSequence, F32Factors>(context, problem, limits,
                                                lstm_persistent_backward_kernel<F32Factors>);
}

}  // namespace lrcn::cuda
