// Tiles of dw, from dy and patches of x, on tensor cores, where memory is f32.
#include "kernels/cuda/convolution_mma.h"

namespace lrcn::cuda {

void convolution_mma(Context& context, const DwTask<float, float>& task,
                     const ConvolutionMethod& method, bool wide) {
  method.engine == ConvolutionEngine::bf16
      ? launch_mma<MmaFlat, Precision::bf16>(context, task, method.tile, wide)
      : launch_mma<MmaFlat, Precision::tf32>(context, task, method.tile, wide);
}

}  // namespace lrcn::cuda
