#include "kernels/fastest.h"

#include <algorithm>
#include <vector>

#include "core/error.h"

namespace lrcn {
namespace {

constexpr int kTurns = 3;
constexpr double kTurnSeconds = 2e-3;  // short candidates repeat until a turn takes this long
constexpr int kMostRepetitions = 64;
constexpr double kClearFactor = 1.6;  // no further turns for who is this much slower

struct Standing {
  int repetitions;
  double best;
};

bool faster(const Standing& a, const Standing& b) { return a.best < b.best; }

Standing first_turn(const TimedRun& run) {
  run(1);  // touches memory, loads code
  const double once = run(1);
  return {std::clamp(int(kTurnSeconds / std::max(once, 1e-9)), 1, kMostRepetitions), once};
}

}  // namespace

std::size_t fastest_of(std::span<const TimedRun> candidates) {
  check(!candidates.empty(), "fastest_of: needs at least one candidate, got none");
  std::vector<Standing> standings;
  for (const TimedRun& run : candidates) {
    standings.push_back(first_turn(run));
  }
  for (int turn = 0; turn < kTurns; ++turn) {
    const double limit =
        kClearFactor * std::min_element(standings.begin(), standings.end(), faster)->best;
    const auto in_the_race = [&](const Standing& standing) { return standing.best <= limit; };
    if (std::count_if(standings.begin(), standings.end(), in_the_race) == 1) {
      break;
    }
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      if (in_the_race(standings[i])) {
        standings[i].best = std::min(standings[i].best, candidates[i](standings[i].repetitions));
      }
    }
  }
  return std::size_t(std::min_element(standings.begin(), standings.end(), faster) -
                     standings.begin());
}

}  // namespace lrcn
