// Tiles of y, from patches of x and the weights, on tensor cores, where memory is f32.
#include "kernels/cuda/convolution_mma.h"

namespace lrcn::cuda {

void convolution_mma(Context& context, const ForwardTask<float>& task,
                     const ConvolutionMethod& method, bool wide) {
  method.engine == ConvolutionEngine::bf16
      ? launch_mma<MmaNarrow, Precision::bf16>(context, task, method.tile, wide)
      : launch_mma<MmaNarrow, Precision::tf32>(context, task, method.tile, wide);
}

}  // namespace lrcn::cuda
