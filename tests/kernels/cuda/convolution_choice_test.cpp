// What is measured for a convolution on CUDA, and what becomes of it. Times are made up: the race
// is replaced, so that an emulated device tells as much as a real one.
#include "kernels/cuda/convolution_choice.h"

#include <gtest/gtest.h>

#include <set>

#include "kernels/algorithm_choices.h"
#include "kernels/cuda/plan_measurement.h"
#include "kernels/nvidia_libraries.h"
#include "tests/kernels/convolution_trial.h"
#include "tests/kernels/cuda/cuda_agreement.h"

namespace lrcn::test {
namespace {

using cuda::ConvolutionDirection;
using cuda::ConvolutionEngine;
using cuda::ConvolutionMethod;

const TensorSpec kY{{2, 24, 9, 9}, DType::f32, Layout::nhwc};

ConvolutionProblem problem_of_this_page() {
  return {.x = {{2, 16, 9, 9}, DType::f32, Layout::nhwc},
          .out_channels = 24,
          .window = kSame3,
          .relu = true,
          .backward = true};
}

std::vector<std::string> names_of(const std::vector<ConvolutionMethod>& methods) {
  std::vector<std::string> names;
  for (const ConvolutionMethod& method : methods) {
    names.push_back(concat(method));
  }
  return names;
}

std::vector<std::string> candidates(const ConvolutionProblem& problem,
                                    ConvolutionDirection direction, bool cudnn = false) {
  return names_of(convolution_candidates(
      problem, {convolution_shape(problem), DType::f32, Layout::nhwc}, direction, cudnn));
}

TEST(CudaConvolutionCandidates, BeginWithTheGuessAndGoOnWithItsNeighbours) {
  EXPECT_EQ(candidates(problem_of_this_page(), ConvolutionDirection::forward),
            (std::vector<std::string>{"simt 64x32", "simt 128x128", "simt 128x64"}));
  const ConvolutionProblem large{.x = {{32, 64, 56, 56}, DType::f32, Layout::nhwc},
                                 .out_channels = 128,
                                 .window = kSame3,
                                 .backward = true};
  EXPECT_EQ(candidates(large, ConvolutionDirection::dx),
            (std::vector<std::string>{"simt 128x64", "simt 128x128", "simt 64x32"}));
  EXPECT_EQ(candidates(large, ConvolutionDirection::dw),
            (std::vector<std::string>{"simt 128x128 split 53", "simt 64x128 split 53",
                                      "simt 64x32 split 53", "simt 128x128 split 26",
                                      "simt 128x128 split 106"}));
}

TEST(CudaConvolutionCandidates, RoundNoMoreThanThePrecisionPermits) {
  ConvolutionProblem problem = problem_of_this_page();
  const auto engines = [&](Precision precision) {
    problem.precision = precision;
    std::set<std::string> found;
    for (const std::string& name : candidates(problem, ConvolutionDirection::forward)) {
      found.insert(name.substr(0, name.find(' ')));
    }
    return found;
  };
  EXPECT_EQ(engines(Precision::f32), (std::set<std::string>{"simt"}));
  EXPECT_EQ(engines(Precision::tf32), (std::set<std::string>{"simt", "tf32"}));
  EXPECT_EQ(engines(Precision::bf16), (std::set<std::string>{"simt", "tf32", "bf16"}));
}

TEST(CudaConvolutionCandidates, HoldCudnnOnlyForImagesThatItReads) {
  ConvolutionProblem problem = problem_of_this_page();
  EXPECT_EQ(candidates(problem, ConvolutionDirection::forward, true).back(), "cudnn");
  problem.algorithm = ConvolutionAlgorithm::direct;
  EXPECT_EQ(candidates(problem, ConvolutionDirection::forward, true),
            (std::vector<std::string>{"direct"}));
  ConvolutionProblem picture{
      .x = {{1, 3, 8, 8}, DType::f32, Layout::plain}, .out_channels = 16, .window = kSame3};
  EXPECT_NE(candidates(picture, ConvolutionDirection::forward, true).back(), "cudnn");
}

TEST(CudaConvolutionCandidates, HoldCudnnWhereItsTypesInMemoryDo) {
  ConvolutionProblem problem = problem_of_this_page();
  TensorSpec y = kY;
  EXPECT_TRUE(suits_cudnn(problem, y, ConvolutionDirection::dw));
  y.dtype = DType::bf16;
  EXPECT_FALSE(suits_cudnn(problem, y, ConvolutionDirection::forward));
  problem.x.dtype = DType::bf16;
  EXPECT_TRUE(suits_cudnn(problem, y, ConvolutionDirection::forward));
  EXPECT_TRUE(suits_cudnn(problem, y, ConvolutionDirection::dx));
  EXPECT_FALSE(suits_cudnn(problem, y, ConvolutionDirection::dw));
}

class CudaConvolutionMeasured : public CudaAgreement {
 protected:
  void SetUp() override {
    CudaAgreement::SetUp();
    if (IsSkipped()) {
      return;
    }
    cuda_context().set_provider(Provider::own);
    prepare(cuda_context(), 1);
  }

  // Measures from now on; the candidate `winner` is the fastest one. Every candidate runs.
  void prepare(Context& context, std::size_t winner) {
    auto& measurement = context.handle<cuda::PlanMeasurement>();
    measurement.enabled = true;
    measurement.fastest = [this, winner](std::span<const TimedRun> runs) {
      ++races_;
      for (const TimedRun& run : runs) {
        EXPECT_GE(run(1), 0.0);
      }
      return winner;
    };
  }

  AlgorithmChoices& choices() { return cuda_context().handle<AlgorithmChoices>(); }
  std::string plan(Context& context) {
    return plan_convolution(context, problem_of_this_page())->algorithms();
  }

  int races_ = 0;
};

TEST_F(CudaConvolutionMeasured, TakesTheFastestOfEachDirectionAndRemembersIt) {
  EXPECT_EQ(plan(cuda_context()), "forward simt 128x128, dx simt 128x128, dw simt 128x128");
  EXPECT_EQ(races_, 3);
  ASSERT_EQ(choices().entries().size(), 3u);
  for (const auto& [problem, algorithm] : choices().entries()) {
    EXPECT_EQ(algorithm, "simt 128x128") << problem;
  }
  EXPECT_EQ(plan(cuda_context()), "forward simt 128x128, dx simt 128x128, dw simt 128x128");
  EXPECT_EQ(races_, 3);
}

TEST_F(CudaConvolutionMeasured, ChoosesTheSameInAnotherProcessThatLoadsTheEntries) {
  const std::string first = plan(cuda_context());
  Context elsewhere(Device::cuda(0));
  elsewhere.set_provider(Provider::own);
  prepare(elsewhere, 0);
  elsewhere.handle<AlgorithmChoices>().load(choices().entries());
  EXPECT_EQ(plan(elsewhere), first);
  EXPECT_EQ(races_, 3);
}

TEST_F(CudaConvolutionMeasured, MeasuresAgainWhatItDoesNotKnow) {
  plan(cuda_context());
  AlgorithmChoices::Entries entries = choices().entries();
  entries.begin()->second = "wgmma 256x128";
  choices().load(entries);
  EXPECT_EQ(plan(cuda_context()), "forward simt 128x128, dx simt 128x128, dw simt 128x128");
  EXPECT_EQ(races_, 4);
}

TEST_F(CudaConvolutionMeasured, GuessesWhereNothingIsToBeMeasured) {
  choices().set_measures(false);
  EXPECT_EQ(plan(cuda_context()), "forward simt 64x32, dx simt 64x32, dw simt 64x32");
  EXPECT_EQ(races_, 0);
  EXPECT_TRUE(choices().entries().empty());
}

TEST_F(CudaConvolutionMeasured, DoesNotMeasureDirectionsThatAreNotPlanned) {
  ConvolutionProblem problem = problem_of_this_page();
  problem.needs_dx = false;
  plan_convolution(cuda_context(), problem);
  EXPECT_EQ(races_, 2);
  problem.backward = false;
  plan_convolution(cuda_context(), problem);
  EXPECT_EQ(races_, 2);
}

TEST_F(CudaConvolutionMeasured, GivesRightResultsByWhateverWins) {
  for (std::size_t winner = 0; winner < 3; ++winner) {
    SCOPED_TRACE(winner);
    Context context(Device::cuda(0));
    context.set_provider(Provider::own);
    prepare(context, winner);
    ConvolutionTrial trial(context, problem_of_this_page(), Values::integer);
    trial.expect_forward(0.0);
    trial.expect_backward(context, Values::integer, 0.0);
  }
}

// The race of forward is run with it, and gradients share what was found without it.
TEST_F(CudaConvolutionMeasured, MeasuresWithThePooling) {
  plan(cuda_context());
  ConvolutionProblem problem = problem_of_this_page();
  problem.pool = true;
  problem.precision = Precision::tf32;
  const auto pooled = plan_convolution(cuda_context(), problem);
  EXPECT_EQ(pooled->algorithms(),
            "forward tf32 128x128 with pooling, dx tf32 128x128, dw tf32 128x128");
  EXPECT_EQ(races_, 6);
  problem.pool = false;
  plan_convolution(cuda_context(), problem);
  EXPECT_EQ(races_, 7);
}

TEST_F(CudaConvolutionMeasured, KeysHoldWhatDecidesAboutSpeed) {
  const ConvolutionProblem problem = problem_of_this_page();
  const auto key = [&](const ConvolutionProblem& p, ConvolutionDirection direction) {
    return convolution_key(cuda_context(), p, kY, direction);
  };
  const std::string forward = key(problem, ConvolutionDirection::forward);
  const cuda::Platform platform = cuda::find_platform();
  EXPECT_EQ(forward, concat(platform.devices[0].name, ", driver ", platform.driver,
                            ": convolution forward f32, x f32[2,16,9,9] nhwc, y f32[2,24,9,9] "
                            "nhwc, 3x3 stride 1x1 pad 1,1,1,1, groups 1, bias, ReLU"));
  std::set<std::string> keys = {forward, key(problem, ConvolutionDirection::dx),
                                key(problem, ConvolutionDirection::dw)};
  ConvolutionProblem other = problem;
  other.precision = Precision::tf32;
  keys.insert(key(other, ConvolutionDirection::forward));
  other = problem;
  other.x.shape = {{3, 16, 9, 9}};
  keys.insert(key(other, ConvolutionDirection::forward));
  other = problem;
  other.relu = false;
  keys.insert(key(other, ConvolutionDirection::forward));
  other = problem;
  other.groups = 2;
  keys.insert(key(other, ConvolutionDirection::forward));
  other = problem;
  other.pool = true;
  EXPECT_EQ(key(other, ConvolutionDirection::forward), forward + ", 2x2 maximum");
  EXPECT_EQ(key(other, ConvolutionDirection::dx), key(problem, ConvolutionDirection::dx));
  EXPECT_EQ(keys.size(), 7u);
}

TEST_F(CudaConvolutionMeasured, SaysWhatIsMissingWhenCudnnIsForced) {
  if (!cudnn_library().version.empty()) {
    GTEST_SKIP() << "this build has cuDNN " << cudnn_library().version;
  }
  cuda_context().set_provider(Provider::cudnn);
  try {
    plan(cuda_context());
    FAIL() << "was planned without cuDNN";
  } catch (const DeviceError& error) {
    EXPECT_EQ(std::string(error.what()),
              "convolution: cuDNN was asked for, but " + cudnn_library().problem);
  }
}

TEST_F(CudaConvolutionMeasured, OperandsAreOrdinaryNumbersInBothTypes) {
  constexpr std::size_t kBytes = (std::size_t(1) << 20) + 12;
  const Buffer buffer = cuda::allocate_operand(cuda_context(), kBytes);
  std::vector<float> values(kBytes / sizeof(float));
  download(values.data(), buffer.view(0, {{std::int64_t(values.size())}}));
  for (const float value : values) {
    EXPECT_TRUE(std::abs(value) <= 0.51f && (value == 0.0f || std::abs(value) > 1e-30f)) << value;
    if (HasFailure()) {
      break;
    }
  }
  EXPECT_EQ(values[0], values[(std::size_t(1) << 20) / sizeof(float)]);
}

}  // namespace
}  // namespace lrcn::test
