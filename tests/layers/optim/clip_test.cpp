#include "layers/optim/clip.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/error.h"
#include "tests/layers/optim/small_store.h"

namespace lrcn::test {
namespace {

using Kind = ClipOptions::Kind;

class GradientClipTest : public testing::Test {
 protected:
  // Gradients with the given L2 norm: 3/5 of it in one parameter, 4/5 in another.
  void fill(float norm) {
    gradient_of(params_, "a").span<float>()[7] = 0.6f * norm;
    gradient_of(params_, "c").span<float>()[16] = -0.8f * norm;
  }
  // After clipping the mean of `batches` batches.
  float norm_of(GradientClip& clip, int batches = 1) {
    clip.apply(context_, params_, batches);
    return clip.norm(context_);
  }
  float scale() { return context_.step_state().gradient_scale; }

  Context context_{Device::cpu()};
  ParamStore params_ = small_store();
};

TEST_F(GradientClipTest, ScalesALargeNormDownToTheLimit) {
  fill(50.0f);
  GradientClip clip(Device::cpu(), {Kind::norm, 10.0f});
  EXPECT_FLOAT_EQ(norm_of(clip), 50.0f);
  EXPECT_FLOAT_EQ(scale(), 0.2f);
  EXPECT_FLOAT_EQ(gradient_of(params_, "a").span<float>()[7], 30.0f);
}

TEST_F(GradientClipTest, LeavesASmallNormAlone) {
  fill(5.0f);
  GradientClip clip(Device::cpu(), {Kind::norm, 10.0f});
  EXPECT_FLOAT_EQ(norm_of(clip), 5.0f);
  EXPECT_FLOAT_EQ(scale(), 1.0f);
}

TEST_F(GradientClipTest, ClipsTheMeanOfAccumulatedBatches) {
  fill(60.0f);
  GradientClip clip(Device::cpu(), {Kind::norm, 10.0f});
  EXPECT_FLOAT_EQ(norm_of(clip, 4), 15.0f);
  EXPECT_FLOAT_EQ(scale(), 0.25f * 10.0f / 15.0f);
}

TEST_F(GradientClipTest, OnlyAveragesWithoutALimit) {
  fill(60.0f);
  GradientClip clip(Device::cpu(), {});
  EXPECT_FLOAT_EQ(norm_of(clip, 3), 20.0f);
  EXPECT_FLOAT_EQ(scale(), 1.0f / 3.0f);
}

TEST_F(GradientClipTest, CutsElementsOfTheMean) {
  fill(10.0f);
  gradient_of(params_, "b").span<float>()[0] = 0.125f;
  GradientClip clip(Device::cpu(), {Kind::values, 1.5f});
  EXPECT_FLOAT_EQ(norm_of(clip, 2), std::sqrt(100.0f + 0.015625f) / 2.0f);
  EXPECT_FLOAT_EQ(scale(), 0.5f);
  EXPECT_FLOAT_EQ(gradient_of(params_, "a").span<float>()[7], 3.0f);
  EXPECT_FLOAT_EQ(gradient_of(params_, "c").span<float>()[16], -3.0f);
  EXPECT_FLOAT_EQ(gradient_of(params_, "b").span<float>()[0], 0.125f);
}

TEST_F(GradientClipTest, ShowsInfinityThatCuttingWouldHide) {
  for (const Kind kind : {Kind::none, Kind::norm, Kind::values}) {
    for (const float bad : {std::numeric_limits<float>::infinity(), std::nanf("")}) {
      gradient_of(params_, "c").span<float>()[3] = bad;
      GradientClip clip(Device::cpu(), {kind, 1.0f});
      EXPECT_FALSE(std::isfinite(norm_of(clip))) << name_of(kind) << ' ' << bad;
      EXPECT_TRUE(std::isnan(scale())) << "the update would use it";
    }
  }
}

TEST_F(GradientClipTest, RefusesOptionsOutOfRange) {
  EXPECT_THROW(GradientClip(Device::cpu(), {Kind::norm, 0.0f}), ArgumentError);
  EXPECT_THROW(GradientClip(Device::cpu(), {Kind::values, -1.0f}), ArgumentError);
  EXPECT_THROW(GradientClip(Device::cpu(), {Kind::norm, std::nanf("")}), ArgumentError);
  EXPECT_THROW(GradientClip(Device::cpu(), {}).apply(context_, params_, 0), ArgumentError);
}

TEST(ClipOptions, KnowsItsKindsByName) {
  for (const Kind kind : {Kind::none, Kind::norm, Kind::values}) {
    EXPECT_EQ(parse_clip_kind(name_of(kind)), kind);
  }
  EXPECT_THROW(parse_clip_kind("value"), ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
