// Which of several candidates runs fastest.
#pragma once

#include <cstddef>
#include <functional>
#include <span>

namespace lrcn {

// Runs a candidate so many times in a row and returns the seconds of one run.
using TimedRun = std::function<double(int repetitions)>;

// Index of the fastest candidate; ties go to the first one. They run in turns, so that other work
// on the machine slows all of them; the best turn of each counts. Throws ArgumentError without
// candidates, and what they throw.
std::size_t fastest_of(std::span<const TimedRun> candidates);

}  // namespace lrcn
