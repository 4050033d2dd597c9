#include "tools/bench/plain_convolution.h"

#include "core/error.h"
#include "tests/kernels/convolution_trial.h"

namespace lrcn::test {
namespace {

// Every case of the library's own convolutions, in both phases.
template <class Check>
void for_each_problem(const Check& check_problem) {
  for (const ConvolutionCase& test : kConvolutionCases) {
    SCOPED_TRACE(test.name);
    ConvolutionProblem problem = problem_of(test, ConvolutionAlgorithm::automatic);
    problem.x.layout = Layout::plain;
    problem.relu = true;
    check_problem(problem);
    problem.relu = false;
    problem.backward = true;
    check_problem(problem);
  }
}

void expect_agreement(Values kind, double units) {
  Context context(Device::cpu());
  for_each_problem([&](const ConvolutionProblem& problem) {
    ConvolutionTrial trial(context, problem, kind, plan_plain_convolution(problem));
    trial.expect_forward(units);
    if (problem.backward) {
      trial.expect_backward(context, kind, units);
    }
  });
}

TEST(PlainConvolution, IsExactOnIntegers) { expect_agreement(Values::integer, 0.0); }

TEST(PlainConvolution, StaysWithinTheErrorBoundOfItsSums) { expect_agreement(Values::real, 1.0); }

TEST(PlainConvolution, RefusesReluTogetherWithBackward) {
  ConvolutionProblem problem = problem_of(kConvolutionCases[0], ConvolutionAlgorithm::automatic);
  problem.relu = problem.backward = true;
  EXPECT_THROW(plan_plain_convolution(problem), ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
