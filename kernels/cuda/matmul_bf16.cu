// The products of matmul_mma.h of f32 rounded to bf16, compiled apart from the others.
#include "kernels/cuda/matmul_mma.h"

namespace lrcn::cuda {

void launch_matmul_bf16(Context& context, MatmulTile tile, const MatmulCall& call) {
  launch_mma<float, Precision::bf16>(context, tile, call);
}

}  // namespace lrcn::cuda
