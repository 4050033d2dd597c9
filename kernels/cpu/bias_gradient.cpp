#include "kernels/bias_gradient.h"

#include <algorithm>
#include <array>

#include "kernels/cpu/parallel.h"

namespace lrcn::cpu {
namespace {

// Columns that one thread sums at a time: their sums stay in the first-level cache.
constexpr std::int64_t kColumns = 512;

void add_column_sums(const float* dy, std::int64_t rows, std::int64_t stride, std::int64_t columns,
                     double factor, float* db) {
  std::array<double, kColumns> sums{};
  for (std::int64_t m = 0; m < rows; ++m) {
    const float* row = dy + m * stride;
    for (std::int64_t n = 0; n < columns; ++n) {
      sums[std::size_t(n)] += double(row[n]);
    }
  }
  for (std::int64_t n = 0; n < columns; ++n) {
    db[n] += float(factor * sums[std::size_t(n)]);
  }
}

}  // namespace

void bias_gradient(Context&, Tensor dy, Tensor db, const BiasGradientOptions& options) {
  check_bias_gradient(dy, db, options);
  std::int64_t rows = dy.shape()[0];
  if (options.count) {
    rows = std::min(rows, std::int64_t(*options.count.as<std::int32_t>()));
  }
  const std::int64_t pitch = dy.shape()[1];
  const double scale = options.factor ? double(*options.factor.as<float>()) : 1.0;
  const float* in = dy.as<float>();
  float* out = db.as<float>();
  if (rows == 0) {
    return;
  }
  for_chunks(db.shape()[0], kColumns, [=](std::int64_t begin, std::int64_t end) {
    add_column_sums(in + begin, rows, pitch, end - begin, scale, out + begin);
  });
}

}  // namespace lrcn::cpu
