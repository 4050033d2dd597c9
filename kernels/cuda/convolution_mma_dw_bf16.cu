// Tiles of dw, from dy and patches of x, on tensor cores, where memory is bf16.
#include "kernels/cuda/convolution_mma.h"

namespace lrcn::cuda {

void convolution_mma(Context& context, const DwTask<BFloat16, BFloat16>& task,
                     const ConvolutionMethod& method, bool wide) {
  launch_mma<MmaFlat, Precision::bf16>(context, task, method.tile, wide);
}

void convolution_mma(Context& context, const DwTask<float, BFloat16>& task,
                     const ConvolutionMethod& method, bool wide) {
  launch_mma<MmaFlat, Precision::bf16>(context, task, method.tile, wide);
}

}  // namespace lrcn::cuda
