// Which of several primitives runs fastest on this machine.
#pragma once

#include <span>

#include "kernels/cpu/onednn.h"

namespace lrcn::cpu {

// Index of the fastest candidate. They run in turns on memory of their own, so that other work on
// the machine slows all of them; the best turn of each counts. Ties go to the first one.
std::size_t fastest_of(std::span<const Primitive> candidates);

}  // namespace lrcn::cpu
