#include "kernels/cast.h"

#include "kernels/cpu/parallel.h"

namespace lrcn::cpu {

void cast(Context&, Tensor x, Tensor y) {
  check_cast(x, y);
  const auto size = std::int64_t(x.bytes() / size_of(x.spec.dtype));
  if (x.spec.dtype == DType::bf16) {
    for_chunks(size, kChunk, [from = x.as<BFloat16>(), to = y.as<float>()](auto begin, auto end) {
      for (auto i = begin; i < end; ++i) {
        to[i] = to_float(from[i]);
      }
    });
  } else {
    for_chunks(size, kChunk, [from = x.as<float>(), to = y.as<BFloat16>()](auto begin, auto end) {
      for (auto i = begin; i < end; ++i) {
        to[i] = to_bfloat16(from[i]);
      }
    });
  }
}

}  // namespace lrcn::cpu
