#include "kernels/embedding.h"

#include "kernels/check_tensor.h"

namespace lrcn {

void check_lookup(const char* op, const Tensor& table, const Tensor& ids, const Tensor& rows) {
  check_plain(op, "table", table, DType::f32);
  check_plain(op, "ids", ids, DType::i32);
  check_plain_activation(op, "rows", rows);
  check(table.shape().rank() == 2, op, ": table must be [V,E], got ", table.spec);
  const int rank = ids.shape().rank();
  bool fits = rows.shape().rank() == rank + 1 && rows.shape()[rank] == table.shape()[1];
  for (int i = 0; fits && i < rank; ++i) {
    fits = rows.shape()[i] == ids.shape()[i];
  }
  check(fits, op, ": ids ", ids.shape(), " and table ", table.shape(),
        " do not give rows of shape ", rows.shape());
}

void check_ids(std::span<const std::int32_t> ids, std::int64_t vocabulary) {
  for (std::size_t i = 0; i < ids.size(); ++i) {
    check<DataError>(ids[i] >= 0 && ids[i] < vocabulary, "embedding: id ", ids[i], " at position ",
                     i, " is outside of a vocabulary of ", vocabulary);
  }
}

}  // namespace lrcn
