// Products of a few rows with a matrix that stays the same: the step of decoding.
#pragma once

#include <memory>

#include "kernels/matmul.h"

namespace lrcn::cpu {

enum class PackedWeights { f32, bf16 };

// c = a op(b) (+ c) (+ bias) (then ReLU) with b rearranged once into panels that are read front to
// back, each element once for every eight rows of c. Meant for m up to about 32, where the
// time is that of reading b; bf16 halves it (products and sums stay f32). The sum of an element
// runs over k in order, so a row gives the same bits whatever m and the number of threads are.
// Throws ArgumentError unless pack_b is set and a is not transposed.
std::unique_ptr<MatmulKernel> plan_skinny_matmul(const MatmulProblem& problem,
                                                 PackedWeights weights = PackedWeights::f32);

}  // namespace lrcn::cpu
