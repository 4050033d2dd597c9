#include "kernels/rows.h"

#include "kernels/check_tensor.h"

namespace lrcn {

void check_compact_rows(const Tensor& targets, const Tensor& rows, const Tensor& count) {
  check_plain("compact_rows", "targets", targets, DType::i32);
  check(targets.shape().rank() == 1, "compact_rows: targets must be [R], got ", targets.spec);
  check_plain("compact_rows", "rows", rows, DType::i32, targets.shape());
  check_plain("compact_rows", "count", count, DType::i32, {1});
}

std::size_t check_moved_rows(const char* op, const Tensor& x, const Tensor& rows, const Tensor& y,
                             const Tensor& listed) {
  if (x.spec.dtype != DType::i32) {
    check_element(op, "x", x.spec, x.device);
  }
  check_plain(op, "x", x, x.spec.dtype);
  check_plain(op, "y", y, x.spec.dtype);
  const int rank = x.shape().rank();
  bool fits = rank >= 1 && y.shape().rank() == rank;
  for (int i = 1; fits && i < rank; ++i) {
    fits = x.shape()[i] == y.shape()[i];
  }
  check(fits, op, ": x ", x.spec, " and y ", y.spec, " must differ in the first extent alone");
  check_plain(op, "rows", rows, DType::i32, {listed.shape()[0]});
  return std::size_t(x.shape().elements(1, rank));
}

}  // namespace lrcn
