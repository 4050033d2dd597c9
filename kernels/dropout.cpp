#include "kernels/dropout.h"

#include "kernels/check_tensor.h"

namespace lrcn {

void check_dropout(const Tensor& x, const Tensor& y, const DropoutOptions& options) {
  check_plain_activation("dropout", "x", x);
  check_like("dropout", "y", y, x);
  check(options.probability >= 0.0f && options.probability < 1.0f,
        "dropout: probability must be in [0, 1), got ", options.probability);
}

}  // namespace lrcn
