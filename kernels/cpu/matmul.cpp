#include "kernels/matmul.h"

#include "kernels/cpu/plain_matmul.h"
#include "kernels/cpu/skinny_matmul.h"

#if LRCN_HAS_ONEDNN
#include "kernels/cpu/onednn_matmul.h"
#endif

namespace lrcn::cpu {
namespace {

// Measured on AVX-512 with b from 1 to 400 MB: a packed b serves up to a dozen rows best in the
// panels of skinny_matmul.h.
constexpr std::int64_t kSkinnyRows = 12;

}  // namespace

std::unique_ptr<MatmulKernel> plan_matmul([[maybe_unused]] Context& context,
                                          const MatmulProblem& problem) {
  const auto& p = problem;
  check_matmul(p);
  check_matmul_of_floats(p, "the CPU");
  const bool empty = p.m == 0 || p.n == 0 || p.k == 0;
  if (!empty && p.pack_b && !p.transpose_a && p.m <= kSkinnyRows) {
    return plan_skinny_matmul(p);
  }
#if LRCN_HAS_ONEDNN
  if (!empty) {
    return plan_onednn_matmul(context, p);
  }
#endif
  return plan_plain_matmul(p);
}

}  // namespace lrcn::cpu
