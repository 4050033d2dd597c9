#include "kernels/rows.h"

#include <cstring>

#include "kernels/check_tensor.h"
#include "kernels/cpu/parallel.h"

namespace lrcn::cpu {
namespace {

// Bytes of a row [1, ...] of x. Checks that x and y differ in their first extent alone and that
// rows lists one entry for each row of `listed`.
std::size_t check_rows(const char* op, const Tensor& x, const Tensor& rows, const Tensor& y,
                       const Tensor& listed) {
  check(x.spec.dtype == DType::f32 || x.spec.dtype == DType::i32, op,
        ": x must be f32 or i32, got ", x.spec);
  check_plain(op, "x", x, x.spec.dtype);
  check_plain(op, "y", y, x.spec.dtype);
  const int rank = x.shape().rank();
  bool fits = rank >= 1 && y.shape().rank() == rank;
  for (int i = 1; fits && i < rank; ++i) {
    fits = x.shape()[i] == y.shape()[i];
  }
  check(fits, op, ": x ", x.spec, " and y ", y.spec, " must differ in the first extent alone");
  check_plain(op, "rows", rows, DType::i32, {listed.shape()[0]});
  return std::size_t(x.shape().elements(1, rank)) * size_of(x.spec.dtype);
}

}  // namespace

void compact_rows(Context&, Tensor targets, std::int32_t ignore_label, Tensor rows, Tensor count) {
  check_plain("compact_rows", "targets", targets, DType::i32);
  check(targets.shape().rank() == 1, "compact_rows: targets must be [R], got ", targets.spec);
  check_plain("compact_rows", "rows", rows, DType::i32, targets.shape());
  check_plain("compact_rows", "count", count, DType::i32, {1});
  const std::int32_t* target = targets.as<std::int32_t>();
  std::int32_t* row = rows.as<std::int32_t>();
  const std::int64_t size = targets.elements();
  std::int32_t found = 0;
  for (std::int64_t r = 0; r < size; ++r) {
    if (target[r] != ignore_label) {
      row[found++] = std::int32_t(r);
    }
  }
  std::fill(row + found, row + size, -1);
  *count.as<std::int32_t>() = found;
}

void gather_rows(Context&, Tensor x, Tensor rows, Tensor y) {
  const std::size_t bytes = check_rows("gather_rows", x, rows, y, y);
  const std::int32_t* row = rows.as<std::int32_t>();
  const auto* in = static_cast<const std::byte*>(x.data);
  auto* out = static_cast<std::byte*>(y.data);
  for_rows(bytes == 0 ? 0 : rows.elements(), std::int64_t(bytes / 4),
           [=](std::int64_t begin, std::int64_t end) {
             for (std::int64_t m = begin; m < end; ++m) {
               std::byte* to = out + std::size_t(m) * bytes;
               if (row[m] < 0) {
                 std::memset(to, 0, bytes);
               } else {
                 std::memcpy(to, in + std::size_t(row[m]) * bytes, bytes);
               }
             }
           });
}

void scatter_rows(Context&, Tensor x, Tensor rows, Tensor y) {
  const std::size_t bytes = check_rows("scatter_rows", x, rows, y, x);
  const std::int32_t* row = rows.as<std::int32_t>();
  const auto* in = static_cast<const std::byte*>(x.data);
  auto* out = static_cast<std::byte*>(y.data);
  for_chunks(std::int64_t(y.bytes()), kChunk * 4, [=](std::int64_t begin, std::int64_t end) {
    std::memset(out + begin, 0, std::size_t(end - begin));
  });
  for_rows(bytes == 0 ? 0 : rows.elements(), std::int64_t(bytes / 4),
           [=](std::int64_t begin, std::int64_t end) {
             for (std::int64_t m = begin; m < end; ++m) {
               if (row[m] >= 0) {
                 std::memcpy(out + std::size_t(row[m]) * bytes, in + std::size_t(m) * bytes, bytes);
               }
             }
           });
}

}  // namespace lrcn::cpu
