// How products of matrices and convolutions are computed. Sums are f32 whatever is chosen.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string_view>

namespace lrcn {

// tf32 and bf16 round the factors (10 and 7 bits of mantissa) and run on tensor cores where the
// device has them. A backend that has no such kernel for a problem computes it in f32: the choice
// is a permission, not a demand. With bf16 the activations of a graph on a GPU lie in memory as bf16
// too, where their layer has kernels for it (Planner::activation_dtype).
enum class Precision : std::uint8_t { f32, tf32, bf16 };

// "f32", "tf32" or "bf16". Throws ArgumentError naming the accepted forms.
Precision parse_precision(std::string_view text);
std::ostream& operator<<(std::ostream& out, Precision precision);

}  // namespace lrcn
