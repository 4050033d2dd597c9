// Tiles of dw, from dy and patches of x, in f32.
#include "kernels/cuda/convolution_methods.h"
#include "kernels/cuda/convolution_simt.h"

namespace lrcn::cuda {

void convolution_simt(Context& context, const DwTask& task, ConvolutionTile tile, int lanes) {
  if (lanes == 1) {
    // Single elements are what such a kernel waits for, whatever its tile.
    tile == ConvolutionTile::small ? launch_simt<SimtSmall, 1>(context, task)
                                   : launch_simt<SimtNarrow, 1>(context, task);
    return;
  }
  switch (tile) {
    case ConvolutionTile::wide:
      return launch_simt<SimtWide, 4>(context, task);
    case ConvolutionTile::narrow:
      return launch_simt<SimtNarrow, 4>(context, task);
    case ConvolutionTile::small:
      return launch_simt<SimtSmall, 4>(context, task);
  }
}

}  // namespace lrcn::cuda
