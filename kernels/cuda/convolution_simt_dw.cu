// Tiles of dw, from dy and patches of x, in f32.
#include "kernels/cuda/convolution_simt.h"

namespace lrcn::cuda {

void convolution_simt(Context& context, const DwTask<float, float>& task, ConvolutionTile tile,
                      bool wide) {
  launch_simt<SimtFlat>(context, task, tile, wide);
}

}  // namespace lrcn::cuda
