// Which measurements a person asks for.
#pragma once

#include <string>
#include <vector>

#include "tools/bench/benchmark.h"

namespace lrcn {

struct BenchSelection {
  std::string bench;  // name of a family, train-step for caption-step, or all
  // Empty: all.
  std::vector<std::string> cases = {};
  std::vector<std::string> directions = {};
  std::vector<std::string> providers = {};
};

// The cases selected, in order. Throws UsageError, with the nearest name, for a name that no case
// has, and what the families throw for bad lists of shapes.
std::vector<BenchCase> select_bench_cases(const BenchSelection& selection,
                                          const BenchRequest& request);

}  // namespace lrcn
