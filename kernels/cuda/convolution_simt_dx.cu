// Tiles of dx, from patches of dy and the weights, in f32.
#include "kernels/cuda/convolution_simt.h"

namespace lrcn::cuda {

void convolution_simt(Context& context, const DxTask<float>& task, ConvolutionTile tile,
                      bool wide) {
  launch_simt<SimtNarrow>(context, task, tile, wide);
}

}  // namespace lrcn::cuda
