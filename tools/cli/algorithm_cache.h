// Algorithms that were measured once on this machine, kept in a file between processes.
#pragma once

#include <filesystem>
#include <string>

#include "core/context.h"
#include "tools/cli/terminal.h"

namespace lrcn {

// Kernels choose between algorithms by measuring (kernels/algorithm_choices.h), and algorithms
// differ in rounding. With the file, every process on one machine chooses the same, so that two
// runs of one configuration give the same bits, and only the first one spends the time to measure.
class AlgorithmCache {
 public:
  // Loads what is known for this processor and number of threads into the context. A file that
  // cannot be read is left out with a warning.
  AlgorithmCache(Context& context, Terminal& terminal);
  // Adds what the context has learnt since. A file that cannot be written is a warning: nothing
  // depends on it but time and repeatability.
  void store(Context& context);

  // $XDG_CACHE_HOME/lrcn/algorithms.json, by default in ~/.cache; empty when neither is known.
  static std::filesystem::path default_file();

 private:
  Terminal& terminal_;
  std::filesystem::path file_;
  std::string machine_;
};

}  // namespace lrcn
