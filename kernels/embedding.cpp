#include "kernels/embedding.h"

namespace lrcn {

void check_ids(std::span<const std::int32_t> ids, std::int64_t vocabulary) {
  for (std::size_t i = 0; i < ids.size(); ++i) {
    check<DataError>(ids[i] >= 0 && ids[i] < vocabulary, "embedding: id ", ids[i], " at position ",
                     i, " is outside of a vocabulary of ", vocabulary);
  }
}

}  // namespace lrcn
