// The choice between the algorithms of oneDNN.
#include <gtest/gtest.h>

#include "kernels/algorithm_choices.h"
#include "tests/kernels/convolution_trial.h"

namespace lrcn::test {
namespace {

using Algorithm = ConvolutionAlgorithm;

// The transforms of F(4x4, 3x3) multiply by up to 8 and mix 36 values (Lavin, Gray: "Fast
// algorithms for convolutional neural networks", 2016): rounding errors grow, and so does the
// bound.
TEST(ConvolutionAlgorithms, WinogradStaysWithinItsWiderBound) {
  Context context(Device::cpu());
  for (const ConvolutionCase& test : kConvolutionCases) {
    SCOPED_TRACE(test.name);
    for (const bool backward : {false, true}) {
      ConvolutionProblem problem = problem_of(test, Algorithm::winograd);
      problem.relu = true;
      problem.backward = backward;
      ConvolutionTrial trial(context, problem, Values::real);
      trial.expect_forward(4.0);
      if (backward) {
        trial.expect_backward(context, Values::real, 4.0);
      }
    }
  }
}

TEST(ConvolutionAlgorithms, MeasuresOnceAndKeepsTheAlgorithm) {
  Context context(Device::cpu());
  ConvolutionProblem problem =
      problem_of({"", {2, 32, 16, 16}, 32, kSame3, 1, Layout::blocked16}, Algorithm::automatic);
  problem.backward = true;
  const auto first = plan_convolution(context, problem);
  const auto choices = context.handle<AlgorithmChoices>().entries();
  EXPECT_EQ(plan_convolution(context, problem)->algorithms(), first->algorithms());
  EXPECT_EQ(context.handle<AlgorithmChoices>().entries(), choices);

  Context elsewhere(Device::cpu());
  elsewhere.handle<AlgorithmChoices>().load(choices);
  EXPECT_EQ(plan_convolution(elsewhere, problem)->algorithms(), first->algorithms());
  EXPECT_EQ(elsewhere.handle<AlgorithmChoices>().entries(), choices);
}

TEST(ConvolutionAlgorithms, FollowsLoadedChoicesAndMeasuresUnknownOnes) {
  Context context(Device::cpu());
  ConvolutionProblem problem =
      problem_of({"", {2, 32, 16, 16}, 32, kSame3, 1, Layout::blocked16}, Algorithm::automatic);
  plan_convolution(context, problem);
  auto choices = context.handle<AlgorithmChoices>().entries();
  if (choices.empty()) {
    GTEST_SKIP() << "this processor has no Winograd convolution";
  }
  ASSERT_EQ(choices.size(), 1u);
  for (const char* algorithm : {"direct", "winograd"}) {
    choices.begin()->second = algorithm;
    context.handle<AlgorithmChoices>().load(choices);
    EXPECT_EQ(plan_convolution(context, problem)->algorithms(), concat("forward ", algorithm));
  }
  choices.begin()->second = "of another version";
  context.handle<AlgorithmChoices>().load(choices);
  plan_convolution(context, problem);
  const std::string measured = context.handle<AlgorithmChoices>().entries().begin()->second;
  EXPECT_TRUE(measured == "direct" || measured == "winograd") << measured;
}

TEST(ConvolutionAlgorithms, NeverUsesWinogradForThreeChannels) {
  Context context(Device::cpu());
  const auto kernel =
      plan_convolution(context, problem_of({"", {1, 3, 32, 32}, 64, kSame3}, Algorithm::winograd));
  EXPECT_EQ(kernel->algorithms(), "forward direct");
  EXPECT_EQ(kernel->x_spec().layout, Layout::plain);
}

}  // namespace
}  // namespace lrcn::test
