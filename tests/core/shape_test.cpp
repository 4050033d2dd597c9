#include "core/shape.h"

#include <gtest/gtest.h>

#include "core/error.h"

namespace lrcn {
namespace {

TEST(Shape, CountsElementsOfAllAndOfSomeAxes) {
  const Shape shape{2, 3, 5};
  EXPECT_EQ(shape.elements(), 30);
  EXPECT_EQ(shape.elements(1, 3), 15);
  EXPECT_EQ(shape[-1], 5);
  EXPECT_EQ(Shape{}.elements(), 1);
  EXPECT_EQ((Shape{4, 0, 7}).elements(), 0);
}

TEST(Shape, RefusesNegativeTooManyAndOverflowingExtents) {
  EXPECT_THROW((Shape{2, -1}), ArgumentError);
  EXPECT_THROW((Shape{1, 1, 1, 1, 1, 1, 1}), ArgumentError);
  EXPECT_THROW((Shape{std::int64_t(1) << 40, std::int64_t(1) << 40}), ArgumentError);
  EXPECT_THROW((Shape{2, 3})[2], ArgumentError);
}

TEST(TensorSpec, PadsChannelsOfBlockedLayouts) {
  EXPECT_EQ((TensorSpec{{2, 3, 4, 5}, DType::f32, Layout::plain}).bytes(), 2u * 3 * 4 * 5 * 4);
  EXPECT_EQ((TensorSpec{{2, 3, 4, 5}, DType::f32, Layout::blocked16}).bytes(), 2u * 16 * 4 * 5 * 4);
  EXPECT_EQ((TensorSpec{{2, 17, 4, 5}, DType::f32, Layout::blocked8}).bytes(), 2u * 24 * 4 * 5 * 4);
}

}  // namespace
}  // namespace lrcn
