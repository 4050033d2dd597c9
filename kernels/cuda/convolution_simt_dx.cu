// Tiles of dx, from patches of dy and the weights, in f32.
#include "kernels/cuda/convolution_simt.h"

namespace lrcn::cuda {

void convolution_simt(Context& context, const DxTask& task, ConvolutionTile tile, int lanes) {
  launch_simt<SimtNarrow>(context, task, tile, lanes);
}

}  // namespace lrcn::cuda
