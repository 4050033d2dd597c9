// The products of matmul_mma.h of f32 rounded to tf32, compiled apart from the others.
#include "kernels/cuda/matmul_mma.h"

namespace lrcn::cuda {

void launch_matmul_tf32(Context& context, MatmulTile tile, const MatmulCall& call) {
  launch_mma<float, Precision::tf32>(context, tile, call);
}

}  // namespace lrcn::cuda
