// Between f32 and bf16: one pass over memory as it lies, four elements a thread and step.
#include "kernels/cast.h"
#include "kernels/cuda/map.h"

namespace lrcn::cuda {
namespace {

template <class From, class To>
__global__ void cast_kernel(std::int64_t size, bool aligned, const From* x, To* y) {
  walk_fours(
      size, aligned, [&](std::int64_t i) { store(fours_of(y) + i, load(fours_of(x) + i)); },
      [&](std::int64_t i) { store(y + i, load(x + i)); });
}

template <class From, class To>
void launch_cast(Context& context, const Tensor& x, const Tensor& y) {
  const std::int64_t size = memory_elements(x);
  launch(context, map_blocks(size), kMapThreads, 0, cast_kernel<From, To>, size,
         at_fours(x) && at_fours(y), x.as<From>(), y.as<To>());
}

}  // namespace

void cast(Context& context, Tensor x, Tensor y) {
  check_cast(x, y);
  if (x.spec.dtype == DType::bf16) {
    launch_cast<BFloat16, float>(context, x, y);
  } else {
    launch_cast<float, BFloat16>(context, x, y);
  }
}

}  // namespace lrcn::cuda
