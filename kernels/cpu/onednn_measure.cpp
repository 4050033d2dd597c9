#include "kernels/cpu/onednn_measure.h"

#include <algorithm>
#include <chrono>

#include "core/buffer.h"
#include "core/rng.h"

namespace lrcn::cpu {
namespace {

constexpr int kTurns = 3;
constexpr double kTurnSeconds = 2e-3;  // short primitives repeat until a turn takes this long
constexpr int kMostRepetitions = 64;
constexpr double kClearFactor = 1.6;  // no further turns once one candidate is this much slower

// A primitive with memory behind every argument.
class Candidate {
 public:
  explicit Candidate(const Primitive& primitive) : primitive_(primitive) {
    for (const std::size_t bytes : primitive.sizes()) {
      memory_.push_back(Buffer::allocate(Device::cpu(), bytes));
      pointers_.push_back(memory_.back().data());
      // Different values on every page: untouched pages would all share one page of zeros. The
      // values themselves do not matter for the time, as long as none is denormal or infinite.
      auto* values = reinterpret_cast<float*>(memory_.back().data());
      const std::size_t count = bytes / sizeof(float);
      for (std::size_t i = 0; i < count; ++i) {
        values[i] = Random::to_unit(std::uint32_t(i) * 2654435761u) - 0.5f;
      }
    }
    run();  // touches the scratch memory
    const double once = seconds(1);
    repetitions_ = std::clamp(int(kTurnSeconds / std::max(once, 1e-9)), 1, kMostRepetitions);
    best_ = once;
  }

  void take_turn() { best_ = std::min(best_, seconds(repetitions_)); }
  double best() const { return best_; }

 private:
  void run() const { primitive_.run(pointers_); }
  double seconds(int repetitions) const {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < repetitions; ++i) {
      run();
    }
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    return elapsed.count() / repetitions;
  }

  const Primitive& primitive_;
  std::vector<Buffer> memory_;
  std::vector<void*> pointers_;
  int repetitions_ = 1;
  double best_ = 0.0;
};

bool faster(const Candidate& a, const Candidate& b) { return a.best() < b.best(); }

}  // namespace

std::size_t fastest_of(std::span<const Primitive> primitives) {
  std::vector<Candidate> candidates;
  candidates.reserve(primitives.size());
  for (const Primitive& primitive : primitives) {
    candidates.emplace_back(primitive);
  }
  for (int turn = 0; turn < kTurns; ++turn) {
    const auto [least, most] = std::minmax_element(candidates.begin(), candidates.end(), faster);
    if (most->best() > kClearFactor * least->best()) {
      break;
    }
    for (Candidate& candidate : candidates) {
      candidate.take_turn();
    }
  }
  return std::size_t(std::min_element(candidates.begin(), candidates.end(), faster) -
                     candidates.begin());
}

}  // namespace lrcn::cpu
