#include "kernels/cpu/lstm_step.h"

#include <algorithm>

#include "kernels/cpu/lstm_gates.h"
#include "kernels/cpu/panel_product.h"

namespace lrcn::cpu {
namespace {

// A forward panel holds kLanes units: first their gates i and f over all of k, then g and o. A
// backward panel holds two vectors of units.
constexpr int kVectors = 2;
constexpr int kUnitPanel = kVectors * kLanes;
// Products smaller than this are not worth the start of a second thread.
constexpr std::int64_t kParallelWork = 65536;

bool continues(const float* cont, std::int64_t row) { return cont == nullptr || cont[row] != 0.0f; }

const float* row_of(const float* matrix, std::int64_t offset) {
  return matrix == nullptr ? nullptr : matrix + offset;
}

void prefetch(const float* memory) { __builtin_prefetch(memory); }

template <class Word>
class PackedLstmStep final : public LstmStep {
 public:
  PackedLstmStep(const LstmProblem& problem, bool fused_input)
      : batch_(problem.batch),
        inputs_(fused_input ? problem.inputs : 0),
        units_(problem.units),
        backward_(problem.backward) {}

  std::size_t packed_bytes() const override {
    return forward_bytes() +
           (backward_ ? std::size_t(unit_panels() * 4 * units_) * kUnitPanel * sizeof(float) : 0);
  }

  void pack(const LstmWeights& weights, void* packed) const override {
    const float* hh = weights.weight_hh.as<float>();
    const float* ih = inputs_ > 0 ? weights.weight_ih.as<float>() : nullptr;
    auto* to = static_cast<Word*>(packed);
#pragma omp parallel for schedule(static)
    for (std::int64_t p = 0; p < gate_panels(); ++p) {
      Word* panel = to + p * panel_words();
      for (int gate = 0; gate < 4; gate += kVectors) {
        pack_gates(ih, inputs_, p, gate, panel);
        pack_gates(hh, units_, p, gate, panel + inputs_ * kWords);
        panel += (inputs_ + units_) * kWords;
      }
    }
    if (backward_) {
      pack_units(hh, reinterpret_cast<float*>(static_cast<std::byte*>(packed) + forward_bytes()));
    }
  }

  void forward(const void* packed, const LstmStepForward& step) const override {
    const auto* words = static_cast<const Word*>(packed);
    const std::int64_t depth = inputs_ + (step.h_before != nullptr ? units_ : 0);
#pragma omp parallel for schedule(static) if (batch_ * units_ * (4 * depth + 64) >= kParallelWork)
    for (std::int64_t p = 0; p < gate_panels(); ++p) {
      for_row_tiles(batch_, kTileRows, [&](std::int64_t begin, std::int64_t rows) {
        with_constant<kTileRows>(rows, [&](auto constant) {
          forward_tile<constant>(words + p * panel_words(), step, p * kLanes, begin);
        });
      });
    }
  }

  void backward(const void* packed, const LstmStepBackward& step) const override {
    const float* panels = unit_weights(packed);
    const std::int64_t depth = step.dgates_after != nullptr ? 4 * units_ : 0;
#pragma omp parallel for schedule(static) if (batch_ * units_ * (depth + 64) >= kParallelWork)
    for (std::int64_t p = 0; p < unit_panels(); ++p) {
      const float* panel = panels + p * 4 * units_ * kUnitPanel;
      for_row_tiles(batch_, kTileRows, [&](std::int64_t begin, std::int64_t rows) {
        with_constant<kTileRows>(rows, [&](auto constant) {
          backward_tile<constant>(panel, step, p * kUnitPanel, begin);
        });
      });
    }
  }

  void backward_to_h(const void* packed, const float* dgates, const float* cont,
                     float* dh) const override {
    const float* panels = unit_weights(packed);
#pragma omp parallel for schedule(static) if (batch_ * units_ * 4 * units_ >= kParallelWork)
    for (std::int64_t p = 0; p < unit_panels(); ++p) {
      const float* panel = panels + p * 4 * units_ * kUnitPanel;
      const std::int64_t unit = p * kUnitPanel;
      const std::int64_t count = std::min<std::int64_t>(kUnitPanel, units_ - unit);
      for_row_tiles(batch_, kTileRows, [&](std::int64_t begin, std::int64_t rows) {
        with_constant<kTileRows>(rows, [&](auto constant) {
          float product[constant][kUnitPanel];
          multiply_units<constant>(panel, dgates, begin, product);
          for (int r = 0; r < constant; ++r) {
            float* row = dh + (begin + r) * units_ + unit;
            if (continues(cont, begin + r)) {
              std::copy(product[r], product[r] + count, row);
            } else {
              std::fill(row, row + count, 0.0f);
            }
          }
        });
      });
    }
  }

 private:
  static constexpr int kWords = kPanelWords<kVectors, Word>;

  std::int64_t gate_panels() const { return (units_ + kLanes - 1) / kLanes; }
  std::int64_t unit_panels() const { return (units_ + kUnitPanel - 1) / kUnitPanel; }
  std::int64_t panel_words() const { return 4 / kVectors * (inputs_ + units_) * kWords; }
  std::size_t forward_bytes() const {
    return std::size_t(gate_panels() * panel_words()) * sizeof(Word);
  }
  const float* unit_weights(const void* packed) const {
    return reinterpret_cast<const float*>(static_cast<const std::byte*>(packed) + forward_bytes());
  }

  // The four gates of a run of units, which lie 4 H bytes apart and which no prefetcher of the
  // processor foresees. The product that comes first leaves them time to arrive.
  void prefetch_gates(const float* gates) const {
    for (int gate = 0; gate < 4; ++gate) {
      prefetch(gates + gate * units_);
    }
  }

  // weight: [4H, depth]; panel: [depth, kVectors, kLanes], kVectors gates from first_gate on of the
  // units from p kLanes on.
  void pack_gates(const float* weight, std::int64_t depth, std::int64_t p, int first_gate,
                  Word* panel) const {
    const std::int64_t count = std::min<std::int64_t>(kLanes, units_ - p * kLanes);
    for (std::int64_t k = 0; k < depth; ++k) {
      Word* row = panel + k * kWords;
      for (int v = 0; v < kVectors; ++v) {
        const float* from = weight + ((first_gate + v) * units_ + p * kLanes) * depth + k;
        for (int j = 0; j < kLanes; ++j) {
          store_weight<kVectors>(row, v * kLanes + j, j < count ? from[j * depth] : 0.0f);
        }
      }
    }
  }

  // weight: [4H, H]; panels: [H / kUnitPanel, 4H, kUnitPanel].
  void pack_units(const float* weight, float* panels) const {
#pragma omp parallel for schedule(static)
    for (std::int64_t p = 0; p < unit_panels(); ++p) {
      const std::int64_t count = std::min<std::int64_t>(kUnitPanel, units_ - p * kUnitPanel);
      float* panel = panels + p * 4 * units_ * kUnitPanel;
      for (std::int64_t k = 0; k < 4 * units_; ++k) {
        const float* from = weight + k * units_ + p * kUnitPanel;
        std::copy(from, from + count, panel + k * kUnitPanel);
        std::fill(panel + k * kUnitPanel + count, panel + (k + 1) * kUnitPanel, 0.0f);
      }
    }
  }

  template <int Rows>
  void forward_tile(const Word* panel, const LstmStepForward& step, std::int64_t unit,
                    std::int64_t begin) const {
    for (std::int64_t n = begin; n < begin + Rows; ++n) {
      prefetch_gates(step.base + n * step.base_stride + unit);
      prefetch(step.c + n * units_ + unit);
      prefetch(step.y + n * units_ + unit);
      prefetch(row_of(step.c_before, n * units_ + unit));
    }
    float product[Rows][4][kLanes];
    for (int gate = 0; gate < 4; gate += kVectors) {
      PanelSums<Rows, kVectors> sums;
      if (inputs_ > 0) {
        multiply_panel(inputs_, step.x + begin * inputs_, inputs_, panel, sums);
      }
      if (step.h_before != nullptr) {
        multiply_panel(units_, step.h_before + begin * units_, units_, panel + inputs_ * kWords,
                       sums);
      }
      for (int r = 0; r < Rows; ++r) {
        store(product[r][gate], sums.value[r][0]);
        store(product[r][gate + 1], sums.value[r][1]);
      }
      panel += (inputs_ + units_) * kWords;
    }
    const std::int64_t count = std::min<std::int64_t>(kLanes, units_ - unit);
    for (int r = 0; r < Rows; ++r) {
      const std::int64_t n = begin + r;
      const std::int64_t at = n * units_ + unit;
      const std::int64_t at_gates = n * 4 * units_ + unit;
      const bool has_past = step.c_before != nullptr && continues(step.cont, n);
      gates_forward(count, units_, product[r],
                    {.base = step.base + n * step.base_stride + unit,
                     .static_gates = row_of(step.static_gates, at_gates),
                     .c_before = has_past ? step.c_before + at : nullptr,
                     .gates = step.gates == nullptr ? nullptr : step.gates + at_gates,
                     .c = step.c + at,
                     .y = step.y + at});
    }
  }

  // product = dgates[begin .. begin + Rows) times a panel of W_hh.
  template <int Rows>
  void multiply_units(const float* panel, const float* dgates, std::int64_t begin,
                      float (&product)[Rows][kUnitPanel]) const {
    PanelSums<Rows, kVectors> sums;
    multiply_panel(4 * units_, dgates + begin * 4 * units_, 4 * units_, panel, sums);
    for (int r = 0; r < Rows; ++r) {
      store(product[r], sums.value[r][0]);
      store(product[r] + kLanes, sums.value[r][1]);
    }
  }

  template <int Rows>
  void backward_tile(const float* panel, const LstmStepBackward& step, std::int64_t unit,
                     std::int64_t begin) const {
    float product[Rows][kUnitPanel];
    for (std::int64_t n = begin; n < begin + Rows; ++n) {
      for (std::int64_t u = unit; u < std::min(unit + kUnitPanel, units_); u += kLanes) {
        prefetch_gates(step.gates + n * 4 * units_ + u);
        prefetch(row_of(step.dy, n * units_ + u));
        prefetch(step.c + n * units_ + u);
        prefetch(step.dc + n * units_ + u);
        prefetch(row_of(step.c_before, n * units_ + u));
      }
    }
    if (step.dgates_after != nullptr) {
      multiply_units<Rows>(panel, step.dgates_after, begin, product);
    }
    for (int r = 0; r < Rows; ++r) {
      const std::int64_t n = begin + r;
      const bool has_past = step.c_before != nullptr && continues(step.cont, n);
      for (int v = 0; v < kVectors && unit + v * kLanes < units_; ++v) {
        const std::int64_t u = unit + v * kLanes;
        const std::int64_t at = n * units_ + u;
        const float* dh = row_of(step.dh_last, at);
        if (step.dgates_after != nullptr && continues(step.cont_after, n)) {
          dh = product[r] + v * kLanes;
        }
        gates_backward(std::min<std::int64_t>(kLanes, units_ - u), units_,
                       {.dy = row_of(step.dy, at),
                        .dh = dh,
                        .dc_after = row_of(step.dc_after, at),
                        .c_before = has_past ? step.c_before + at : nullptr,
                        .c = step.c + at,
                        .gates = step.gates + n * 4 * units_ + u,
                        .dc = step.dc + at,
                        .continues = has_past});
      }
    }
  }

  std::int64_t batch_;
  std::int64_t inputs_;  // of the fused input product; 0: none
  std::int64_t units_;
  bool backward_;
};

}  // namespace

std::unique_ptr<LstmStep> plan_lstm_step(const LstmProblem& problem, bool fused_input) {
  if (problem.bf16_weights) {
    return std::make_unique<PackedLstmStep<std::uint32_t>>(problem, fused_input);
  }
  return std::make_unique<PackedLstmStep<float>>(problem, fused_input);
}

}  // namespace lrcn::cpu
