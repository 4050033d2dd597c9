// Tiles of y, from patches of x and the weights, on tensor cores, where memory is bf16.
#include "kernels/cuda/convolution_mma.h"

namespace lrcn::cuda {

void convolution_mma(Context& context, const ForwardTask<BFloat16>& task,
                     const ConvolutionMethod& method, bool wide) {
  launch_mma<MmaNarrow, Precision::bf16>(context, task, method.tile, wide);
}

}  // namespace lrcn::cuda
