// Tiles of y, from patches of x and the weights, on tensor cores.
#include "kernels/cuda/convolution_mma.h"

namespace lrcn::cuda {

void convolution_mma(Context& context, const ForwardTask& task, const ConvolutionMethod& method,
                     int lanes) {
  method.engine == ConvolutionEngine::bf16
      ? launch_mma<MmaNarrow, Precision::bf16>(context, task, method.tile, lanes)
      : launch_mma<MmaNarrow, Precision::tf32>(context, task, method.tile, lanes);
}

}  // namespace lrcn::cuda
