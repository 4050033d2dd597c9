#include "kernels/bias_gradient.h"

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

void bias_gradient(Context&, Tensor dy, Tensor db, Tensor factor) {
  check_bias_gradient(dy, db, factor);
  const std::int64_t rows = dy.shape()[0];
  const std::int64_t columns = dy.shape()[1];
  const double scale = factor ? double(*factor.as<float>()) : 1.0;
  const float* in = dy.as<float>();
  float* out = db.as<float>();
  if (rows == 0) {
    return;
  }
  for_chunks(columns, kColumns, [=](std::int64_t begin, std::int64_t end) {
    add_column_sums(in + begin, rows, columns, end - begin, scale, out + begin);
  });
}

}  // namespace lrcn::cpu
