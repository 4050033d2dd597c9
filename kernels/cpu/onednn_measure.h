// Which of several primitives runs fastest on this machine.
#pragma once

#include <span>

#include "kernels/cpu/onednn.h"

namespace lrcn::cpu {

// As lrcn::fastest_of, each on memory of its own.
std::size_t fastest_of(std::span<const Primitive> candidates);

}  // namespace lrcn::cpu
