#include "core/tensor.h"

#include <algorithm>
#include <array>

namespace lrcn {

Tensor Tensor::reshaped(const Shape& shape) const {
  check(spec.layout == Layout::plain, "reshape: needs the plain layout, got ", spec);
  check(shape.elements() == elements(), "reshape: ", spec.shape, " has ", elements(), " elements, ",
        shape, " has ", shape.elements());
  return {data, {shape, spec.dtype, Layout::plain}, device};
}

Tensor Tensor::rows(std::int64_t begin, std::int64_t end) const {
  check(spec.layout == Layout::plain && spec.shape.rank() >= 1,
        "rows: needs a plain tensor of rank >= 1, got ", spec);
  check(0 <= begin && begin <= end && end <= spec.shape[0], "rows: [", begin, ",", end,
        ") is outside of ", spec.shape);
  std::array<std::int64_t, Shape::kMaxRank> extents{};
  std::copy(spec.shape.extents().begin(), spec.shape.extents().end(), extents.begin());
  extents[0] = end - begin;
  const std::size_t row_bytes =
      std::size_t(spec.shape.elements(1, spec.shape.rank())) * size_of(spec.dtype);
  const Shape shape(std::span<const std::int64_t>(extents.data(), std::size_t(spec.shape.rank())));
  return {static_cast<std::byte*>(data) + std::size_t(begin) * row_bytes,
          {shape, spec.dtype, Layout::plain},
          device};
}

}  // namespace lrcn
