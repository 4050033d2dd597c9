#include "kernels/rows.h"

#include <cstring>

#include "kernels/cpu/parallel.h"

namespace lrcn::cpu {

void compact_rows(Context&, Tensor targets, std::int32_t ignore_label, Tensor rows, Tensor count) {
  check_compact_rows(targets, rows, count);
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
  const std::size_t bytes = check_moved_rows("gather_rows", x, rows, y, y) * 4;
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
  const std::size_t bytes = check_moved_rows("scatter_rows", x, rows, y, x) * 4;
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
