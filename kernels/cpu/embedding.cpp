#include "kernels/embedding.h"

#include <cstring>

#include "kernels/cpu/parallel.h"

namespace lrcn::cpu {

void embedding_forward(Context&, Tensor table, Tensor ids, Tensor y) {
  check_lookup("embedding_forward", table, ids, y);
  const std::int64_t width = table.shape()[1];
  const float* in = table.as<float>();
  const std::int32_t* id = ids.as<std::int32_t>();
  float* out = y.as<float>();
  if (width == 0) {
    return;
  }
  for_rows(ids.elements(), width, [=](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) {
      std::memcpy(out + r * width, in + id[r] * width, std::size_t(width) * sizeof(float));
    }
  });
}

void embedding_backward(Context&, Tensor ids, Tensor dy, Tensor dtable) {
  check_lookup("embedding_backward", dtable, ids, dy);
  const std::int64_t rows = ids.elements();
  const std::int64_t width = dtable.shape()[1];
  const std::int32_t* id = ids.as<std::int32_t>();
  const float* in = dy.as<float>();
  float* out = dtable.as<float>();
  // Threads take columns, so two of them never meet in one element and the order of the rows is
  // kept. Small gradients go in one piece.
  const std::int64_t columns = rows * width <= kChunk ? std::max<std::int64_t>(width, 1) : 128;
  for_chunks(width, columns, [=](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = 0; r < rows; ++r) {
      const float* from = in + r * width;
      float* to = out + id[r] * width;
#pragma omp simd
      for (std::int64_t e = begin; e < end; ++e) {
        to[e] += from[e];
      }
    }
  });
}

}  // namespace lrcn::cpu
