// Tiles of dw, from dy and patches of x, on tensor cores.
#include "kernels/cuda/convolution_mma.h"

namespace lrcn::cuda {

void convolution_mma(Context& context, const DwTask& task, const ConvolutionMethod& method,
                     int lanes) {
  method.engine == ConvolutionEngine::bf16
      ? launch_mma<MmaFlat, Precision::bf16>(context, task, method.tile, lanes)
      : launch_mma<MmaFlat, Precision::tf32>(context, task, method.tile, lanes);
}

}  // namespace lrcn::cuda
