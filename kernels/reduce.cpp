#include "kernels/reduce.h"

#include <limits>

#include "kernels/check_tensor.h"

namespace lrcn {

void check_count_non_finite(const Tensor& x, const Tensor& result) {
  check_floats("count_non_finite", "x", x);
  check_plain("count_non_finite", "result", result, DType::i32, {2});
  check(x.bytes() / sizeof(float) <= std::size_t(std::numeric_limits<std::int32_t>::max()),
        "count_non_finite: x has more elements than an i32 counts: ", x.spec);
}

}  // namespace lrcn
