#include "kernels/cpu/onednn_measure.h"

#include <chrono>

#include "core/buffer.h"
#include "core/rng.h"
#include "kernels/fastest.h"

namespace lrcn::cpu {
namespace {

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
  }

  double seconds(int repetitions) const {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < repetitions; ++i) {
      primitive_.run(pointers_);
    }
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    return elapsed.count() / repetitions;
  }

 private:
  const Primitive& primitive_;
  std::vector<Buffer> memory_;
  std::vector<void*> pointers_;
};

}  // namespace

std::size_t fastest_of(std::span<const Primitive> primitives) {
  std::vector<Candidate> candidates;
  candidates.reserve(primitives.size());
  std::vector<TimedRun> runs;
  for (const Primitive& primitive : primitives) {
    const Candidate& candidate = candidates.emplace_back(primitive);
    runs.emplace_back([&candidate](int repetitions) { return candidate.seconds(repetitions); });
  }
  return lrcn::fastest_of(runs);
}

}  // namespace lrcn::cpu
