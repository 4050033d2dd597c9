// The products of matmul_mma.h of factors that are bf16 in memory, compiled apart from the others.
#include "kernels/cuda/matmul_mma.h"

namespace lrcn::cuda {

void launch_matmul_narrow(Context& context, MatmulTile tile, const MatmulCall& call) {
  launch_mma<BFloat16, Precision::bf16>(context, tile, call);
}

}  // namespace lrcn::cuda
