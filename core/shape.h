// Shapes and tensor specifications.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <span>
#include <string>

#include "core/dtype.h"

namespace lrcn {

// Up to six extents, each >= 0. Logical order: [N, C, H, W] for images, [T, N, ...] for sequences.
class Shape {
 public:
  static constexpr int kMaxRank = 6;

  constexpr Shape() = default;
  // Throws ArgumentError for more than six or negative extents, or when the product overflows.
  Shape(std::initializer_list<std::int64_t> extents);
  explicit Shape(std::span<const std::int64_t> extents);

  int rank() const { return rank_; }
  // Extent of `axis`; negative axes count from the end. Throws ArgumentError when out of range.
  std::int64_t operator[](int axis) const;
  // Product of all extents; 1 for rank 0.
  std::int64_t elements() const;
  // Product of the extents [begin, end).
  std::int64_t elements(int begin, int end) const;
  std::span<const std::int64_t> extents() const { return {extents_.data(), std::size_t(rank_)}; }

  friend bool operator==(const Shape& a, const Shape& b) = default;

 private:
  std::array<std::int64_t, kMaxRank> extents_{};
  int rank_ = 0;
};

std::ostream& operator<<(std::ostream& out, const Shape& shape);

// How the logical elements lie in memory.
//   plain      row-major in logical order
//   nhwc       rank 4: channels innermost
//   blocked8   rank 4: channels split in blocks of 8 (16) that are innermost, the last block padded
//   blocked16  with zeros; the layouts of vectorised CPU convolutions
enum class Layout : std::uint8_t { plain, nhwc, blocked8, blocked16 };

std::ostream& operator<<(std::ostream& out, Layout layout);

struct TensorSpec {
  Shape shape;
  DType dtype = DType::f32;
  Layout layout = Layout::plain;

  std::int64_t elements() const { return shape.elements(); }
  // Bytes in memory, with the channel padding of blocked layouts.
  std::size_t bytes() const;

  friend bool operator==(const TensorSpec&, const TensorSpec&) = default;
};

std::ostream& operator<<(std::ostream& out, const TensorSpec& spec);

}  // namespace lrcn
