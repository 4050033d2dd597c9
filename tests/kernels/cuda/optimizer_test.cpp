#include "kernels/optimizer.h"

#include <cmath>

#include "tests/kernels/cuda/cuda_agreement.h"

namespace lrcn::test {
namespace {

constexpr std::int64_t kSize = 1500;

class CudaOptimizer : public CudaAgreement {
 protected:
  CudaOptimizer() {
    // The first elements and those between segments belong to nobody; one segment is frozen.
    const std::vector<UpdateSegment> segments = {
        {.begin = 3, .end = 700},
        {.begin = 704, .end = 705, .lr_mult = 2.0f},
        {.begin = 705, .end = 900, .lr_mult = 0.0f},
        {.begin = 900, .end = 900},
        {.begin = 901, .end = 1500, .lr_mult = 0.5f, .decay_mult = 0.0f}};
    segment_count_ = segments.size();
    const auto* words = reinterpret_cast<const std::int32_t*>(segments.data());
    words_.assign(words, words + segments.size() * sizeof(UpdateSegment) / 4);
    state_ = {.seed = 0, .step = 6, .learning_rate = 0.01f, .gradient_scale = 0.7f};
  }

  void SetUp() override {
    CudaAgreement::SetUp();
    if (IsSkipped()) {
      return;
    }
    segments_ = &integers({std::int64_t(words_.size())}, words_);
    value_ = &random({{kSize}}, 1);
    gradient_ = &random({{kSize}}, 2);
    moment_ = &random({{kSize}}, 3);
    square_ = &random({{kSize}}, 4, 0.0f, 1.0f);
  }

  // Both states are of a kind that every rule may meet.
  template <class On>
  UpdateArena arena(const On& on, const Twin& state) const {
    return {.value = on(*value_),
            .gradient = on(*gradient_),
            .state = on(state),
            .state2 = on(*square_),
            .segments = {static_cast<const UpdateSegment*>(on(*segments_).data), segment_count_}};
  }

  void expect_updated(const Twin& state) const {
    EXPECT_NE(value_->result, value_->start);
    expect_same(*value_);
    expect_same(*gradient_);
    expect_same(state);
    expect_same(*square_);
  }

  std::vector<std::int32_t> words_;
  std::size_t segment_count_ = 0;
  Twin* segments_ = nullptr;
  Twin* value_ = nullptr;
  Twin* gradient_ = nullptr;
  Twin* moment_ = nullptr;
  Twin* square_ = nullptr;
};

TEST_F(CudaOptimizer, SgdGivesTheBitsOfTheCpu) {
  run([&](Context& context, auto on) {
    sgd_update(context, arena(on, *moment_), {.momentum = 0.9f, .weight_decay = 5e-4f});
  });
  expect_updated(*moment_);
}

TEST_F(CudaOptimizer, AdamGivesTheBitsOfTheCpu) {
  run([&](Context& context, auto on) {
    adam_update(context, arena(on, *moment_), {.weight_decay = 1e-3f});
  });
  expect_updated(*moment_);
}

TEST_F(CudaOptimizer, RmsPropGivesTheBitsOfTheCpu) {
  Twin& mean = random({{kSize}}, 5, 0.0f, 1.0f);
  run([&](Context& context, auto on) {
    rmsprop_update(context, arena(on, mean), {.weight_decay = 1e-3f});
  });
  expect_updated(mean);
}

TEST_F(CudaOptimizer, NothingChangesWhenTheScaleOfGradientsIsNoNumber) {
  state_.gradient_scale = std::nanf("");
  run_on_cuda([&](Context& context, auto on) {
    sgd_update(context, arena(on, *moment_), {.momentum = 0.9f});
    adam_update(context, arena(on, *moment_), {});
    rmsprop_update(context, arena(on, *moment_), {});
  });
  for (const Twin* twin : {value_, gradient_, moment_, square_}) {
    EXPECT_EQ(twin->result, twin->start);
  }
}

TEST_F(CudaOptimizer, AbsentTensorsAreRefused) {
  UpdateArena arena{.value = value_->cuda.tensor, .gradient = gradient_->cuda.tensor};
  EXPECT_THROW(sgd_update(cuda_context(), arena, {}), ArgumentError);
}

TEST_F(CudaOptimizer, AnEmptyArenaIsNoWork) {
  const Twin& nothing = blank({{0}});
  const Tensor none = nothing.cuda.tensor;
  adam_update(cuda_context(), {.value = none, .gradient = none, .state = none, .state2 = none}, {});
}

}  // namespace
}  // namespace lrcn::test
