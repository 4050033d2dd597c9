#include "kernels/cpu/padding.h"

#include <algorithm>

namespace lrcn::cpu {

void clear_padding(Tensor x) {
  const Shape& shape = x.shape();
  const bool blocked = x.spec.layout == Layout::blocked8 || x.spec.layout == Layout::blocked16;
  if (!blocked || shape.rank() != 4) {
    return;
  }
  const std::int64_t block = x.spec.layout == Layout::blocked8 ? 8 : 16;
  const std::int64_t used = shape[1] % block;
  if (used == 0) {
    return;
  }
  // Memory is [N, C / block, H, W, block].
  const std::int64_t pixels = shape[2] * shape[3];
  const std::int64_t image = (shape[1] / block + 1) * pixels * block;
  float* data = x.as<float>();
  for (std::int64_t n = 0; n < shape[0]; ++n) {
    float* last = data + (n + 1) * image - pixels * block;
    for (std::int64_t p = 0; p < pixels; ++p) {
      std::fill(last + p * block + used, last + (p + 1) * block, 0.0f);
    }
  }
}

}  // namespace lrcn::cpu
