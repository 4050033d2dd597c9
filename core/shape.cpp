#include "core/shape.h"

#include <algorithm>
#include <limits>
#include <ostream>

#include "core/error.h"

namespace lrcn {

Shape::Shape(std::initializer_list<std::int64_t> extents)
    : Shape(std::span<const std::int64_t>(extents.begin(), extents.size())) {}

Shape::Shape(std::span<const std::int64_t> extents) : rank_(int(extents.size())) {
  check(extents.size() <= kMaxRank, "shape: at most ", kMaxRank, " dimensions, got ",
        extents.size());
  std::int64_t product = 1;
  for (std::size_t i = 0; i < extents.size(); ++i) {
    check(extents[i] >= 0, "shape: extents must be >= 0, got ", extents[i], " at axis ", i);
    const std::int64_t limit = std::numeric_limits<std::int64_t>::max() / 64;
    check(extents[i] == 0 || product <= limit / extents[i],
          "shape: the number of elements overflows at axis ", i, " with extent ", extents[i]);
    product *= std::max<std::int64_t>(extents[i], 1);
    extents_[i] = extents[i];
  }
}

std::int64_t Shape::operator[](int axis) const {
  const int index = axis < 0 ? axis + rank_ : axis;
  check(index >= 0 && index < rank_, "shape: axis ", axis, " is outside of ", *this);
  return extents_[std::size_t(index)];
}

std::int64_t Shape::elements() const { return elements(0, rank_); }

std::int64_t Shape::elements(int begin, int end) const {
  std::int64_t product = 1;
  for (int i = begin; i < end; ++i) {
    product *= (*this)[i];
  }
  return product;
}

std::ostream& operator<<(std::ostream& out, const Shape& shape) {
  out << '[';
  for (int i = 0; i < shape.rank(); ++i) {
    out << (i == 0 ? "" : ",") << shape[i];
  }
  return out << ']';
}

std::ostream& operator<<(std::ostream& out, Layout layout) {
  switch (layout) {
    case Layout::plain:
      return out << "plain";
    case Layout::nhwc:
      return out << "nhwc";
    case Layout::blocked8:
      return out << "blocked8";
    case Layout::blocked16:
      return out << "blocked16";
  }
  return out << '?';
}

std::size_t TensorSpec::bytes() const {
  const std::int64_t block =
      layout == Layout::blocked8 ? 8 : (layout == Layout::blocked16 ? 16 : 1);
  if (block == 1 || shape.rank() != 4) {
    return std::size_t(elements()) * size_of(dtype);
  }
  const std::int64_t channels = (shape[1] + block - 1) / block * block;
  return std::size_t(shape[0] * channels * shape[2] * shape[3]) * size_of(dtype);
}

std::ostream& operator<<(std::ostream& out, const TensorSpec& spec) {
  out << spec.dtype << spec.shape;
  return spec.layout == Layout::plain ? out : out << ' ' << spec.layout;
}

}  // namespace lrcn
