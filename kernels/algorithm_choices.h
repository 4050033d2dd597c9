// Which algorithm a kernel has chosen for which problem.
#pragma once

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "core/context.h"

namespace lrcn {

// Kernels that measure several algorithms while planning keep what won here, one object for each
// context: context.handle<AlgorithmChoices>(). The same problem is measured once, and planning it
// again gives the same algorithm.
//
// Algorithms differ in rounding. Whoever needs the same results in another process stores
// entries() (a checkpoint does) and calls load() there before anything is planned.
class AlgorithmChoices {
 public:
  using Entries = std::map<std::string, std::string, std::less<>>;  // problem -> algorithm

  explicit AlgorithmChoices(Context&) {}

  // The algorithm kept for `problem`, or nullptr.
  const std::string* find(std::string_view problem) const {
    const auto entry = entries_.find(problem);
    return entry == entries_.end() ? nullptr : &entry->second;
  }
  void remember(std::string problem, std::string algorithm) {
    entries_.insert_or_assign(std::move(problem), std::move(algorithm));
  }

  // Whether kernels measure what is not known yet. Measuring costs several runs of every kernel:
  // too much for who starts to run them a few times. Otherwise they take what wins most often,
  // which also makes the result independent of what else the machine is doing; nothing is
  // remembered then.
  bool measures() const { return measures_; }
  void set_measures(bool measures) { measures_ = measures; }

  // Index of the algorithm to use among `names`: the one kept for `problem`, otherwise the one that
  // `fastest()` finds by measuring, which is kept from then on. Without measuring, `guess`.
  template <class Fastest>
  std::size_t choose(const std::string& problem, std::span<const std::string> names,
                     std::size_t guess, Fastest&& fastest) {
    if (const std::string* known = find(problem)) {
      const auto name = std::find(names.begin(), names.end(), *known);
      if (name != names.end()) {
        return std::size_t(name - names.begin());
      }
    }
    if (!measures_) {
      return guess;
    }
    const std::size_t index = fastest();
    remember(problem, names[index]);
    return index;
  }

  const Entries& entries() const { return entries_; }
  // Adds entries, replacing those of the same problem. A kernel measures again when it does not
  // know the algorithm named here or cannot use it on this processor.
  void load(const Entries& entries) {
    for (const auto& [problem, algorithm] : entries) {
      remember(problem, algorithm);
    }
  }

 private:
  Entries entries_;
  bool measures_ = true;
};

}  // namespace lrcn
