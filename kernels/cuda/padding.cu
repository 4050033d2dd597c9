// Zeros in the channels that a blocked layout stores beyond the last one.
#include "kernels/cuda/element.h"
#include "kernels/cuda/grid_size.h"
#include "kernels/cuda/image_layout.h"
#include "kernels/cuda/launch.h"
#include "kernels/cuda/padding.h"

namespace lrcn::cuda {
namespace {

template <class T>
__global__ void clear_padding_kernel(ImageLayout layout, T* x) {
  const std::int64_t padded = layout.stored_channels - layout.channels;
  const std::int64_t size = layout.images * layout.pixels * padded;
  const std::int64_t step = std::int64_t(gridDim.x) * blockDim.x;
  for (std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x; i < size; i += step) {
    const std::int64_t pixel = i / padded;
    const std::int64_t channel = layout.channels + i % padded;
    x[layout.offset(pixel / layout.pixels, channel, pixel % layout.pixels)] = T();
  }
}

}  // namespace

void clear_padding(Context& context, const Tensor& x) {
  if (x.shape().rank() != 4) {
    return;
  }
  constexpr unsigned kThreads = 256;
  const ImageLayout layout(x.spec);
  const std::int64_t size =
      layout.images * layout.pixels * (layout.stored_channels - layout.channels);
  with_element(x.spec.dtype, [&]<class T>(T) {
    launch(context, blocks_for(size, kThreads), kThreads, 0, clear_padding_kernel<T>, layout,
           x.as<T>());
  });
}

}  // namespace lrcn::cuda
