// Tiles of y, from patches of x and the weights, in f32.
#include "kernels/cuda/convolution_simt.h"

namespace lrcn::cuda {

void convolution_simt(Context& context, const ForwardTask& task, ConvolutionTile tile, int lanes) {
  launch_simt<SimtNarrow>(context, task, tile, lanes);
}

}  // namespace lrcn::cuda
