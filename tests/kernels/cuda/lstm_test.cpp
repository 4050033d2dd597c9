// The LSTM of a CUDA device, real or emulated, in the tests of all backends.
#include <bit>
#include <cmath>

#include "kernels/cuda/lstm_persistent.h"
#include "kernels/cuda/lstm_sequence.h"
#include "tests/kernels/lstm_suites.h"

namespace lrcn::test {
namespace {

// Small blocks, and more of them than the device would be given: several groups of rows.
constexpr cuda::LstmPersistentLimits kSmall = {
    .blocks = 15, .shared_bytes = std::size_t(64) << 10, .threads = 128};

std::unique_ptr<LstmKernel> plan_small_blocks(Context& context, const LstmProblem& problem) {
  return cuda::plan_lstm(context, problem, kSmall);
}
std::unique_ptr<LstmKernel> plan_two_parts(Context& context, const LstmProblem& problem) {
  cuda::LstmPersistentLimits limits = kSmall;
  limits.parts = 2;
  return cuda::plan_lstm(context, problem, limits);
}

// So little memory that copies have to wait for a place in the ring (LstmShape).
std::unique_ptr<LstmKernel> plan_short_of_memory(Context& context, const LstmProblem& problem) {
  cuda::LstmPersistentLimits limits = kSmall;
  limits.shared_bytes = std::size_t(24) << 10;
  return cuda::plan_lstm(context, problem, limits);
}

const LstmBackend kBackends[] = {
    {.name = "Stepwise", .device = Device::cuda(0), .algorithm = LstmAlgorithm::stepwise},
    {.name = "Persistent", .device = Device::cuda(0), .algorithm = LstmAlgorithm::persistent},
};
const LstmBackend kSmallBlocks = {.name = "SmallBlocks",
                                  .device = Device::cuda(0),
                                  .algorithm = LstmAlgorithm::persistent,
                                  .plan = plan_small_blocks};
const LstmBackend kTwoParts = {.name = "TwoParts",
                               .device = Device::cuda(0),
                               .algorithm = LstmAlgorithm::persistent,
                               .plan = plan_two_parts};
const LstmBackend kShortOfMemory = {.name = "ShortOfMemory",
                                    .device = Device::cuda(0),
                                    .algorithm = LstmAlgorithm::persistent,
                                    .plan = plan_short_of_memory};

INSTANTIATE_TEST_SUITE_P(Cuda, LstmSequence,
                         testing::Combine(testing::ValuesIn(kBackends),
                                          testing::ValuesIn(kLstmProblems)));
INSTANTIATE_TEST_SUITE_P(CudaSmallBlocks, LstmSequence,
                         testing::Combine(testing::Values(kSmallBlocks, kTwoParts),
                                          testing::ValuesIn(kLstmProblems)));
INSTANTIATE_TEST_SUITE_P(CudaShortOfMemory, LstmSequence,
                         testing::Combine(testing::Values(kShortOfMemory),
                                          testing::Values(with(training(4, 33, 3, 65), true, true,
                                                               true))));
INSTANTIATE_TEST_SUITE_P(Cuda, Lstm, testing::ValuesIn(kBackends), name_of);
INSTANTIATE_TEST_SUITE_P(Cuda, LstmState, testing::ValuesIn(kBackends), name_of);
INSTANTIATE_TEST_SUITE_P(Cuda, LstmVectors, testing::ValuesIn(kBackends), name_of);

// Without inputs, so that only recurrent products are rounded; gradients of weights are another
// kernel's and may be.
struct Rounding {
  Precision precision;
  int bits;          // of the mantissa
  double tolerance;  // a factor next to the middle of two words may be rounded the other way: one
                     // of many terms
};
const Rounding kRoundings[] = {{Precision::bf16, 7, 1e-3}, {Precision::tf32, 10, 1.5e-4}};

// To nearest, ties to even.
template <int kBits>
double rounded_to(double x) {
  constexpr std::uint32_t kUnit = 1u << (23 - kBits);
  const auto bits = std::bit_cast<std::uint32_t>(float(x));
  const std::uint32_t odd = (bits & kUnit) != 0 ? 1 : 0;
  return double(std::bit_cast<float>((bits + kUnit / 2 - 1 + odd) & ~(kUnit - 1)));
}

class LstmRounded : public LstmSuite<LstmBackend> {};

double largest_difference(const std::vector<float>& got, const Doubles& want) {
  double largest = 0.0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    largest = std::max(largest, std::abs(double(got[i]) - want[i]));
  }
  return largest;
}

TEST_P(LstmRounded, AgreesWithAReferenceOfRoundedFactors) {
  for (const LstmProblem& shape : {with(training(4, 5, 0, 33), false, true, true),
                                   with(training(3, 19, 0, 20), true, true, true),
                                   with(training(2, 33, 0, 65), false, true, true)}) {
    for (const Rounding& rounding : kRoundings) {
      SCOPED_TRACE(rounding.bits);
      LstmData data = random_lstm(shape);
      data.problem.precision = rounding.precision;
      data.rounded = rounding.bits == 7 ? rounded_to<7> : rounded_to<10>;
      const LstmValues want = reference::lstm_forward(data);
      const LstmValues exact = reference::lstm_forward(random_lstm(shape));
      const LstmGradients gradients = reference::lstm_backward(data);
      LstmRun run(backend(), data);
      run.forward();
      run.backward();
      const double bound = rounding.tolerance;
      const LstmBackward& got = run.backward_arguments();
      expect_near(floats_of(run.forward_arguments().y), want.y, bound);
      EXPECT_GT(largest_difference(floats_of(run.forward_arguments().y), exact.y), 0.03 * bound);
      expect_near(floats_of(got.dh0), gradients.dh0, 4 * bound, 4 * bound);
      expect_near(floats_of(got.dc0), gradients.dc0, 4 * bound, 4 * bound);
      expect_near(floats_of(got.dstatic_gates), gradients.dstatic_gates, 4 * bound, 4 * bound);
    }
  }
}

// A GPU keeps one limit of shared memory for each kernel, whatever it was planned for last.
TEST(CudaLstmPlans, OfASmallerLstmLeaveRoomForTheLargerOne) {
  if (const std::string problem = problem_of(kSmallBlocks); !problem.empty()) {
    GTEST_SKIP() << problem;
  }
  const LstmData data = random_lstm(training(3, 8, 0, 48));
  LstmRun larger(kSmallBlocks, data);
  const LstmRun smaller(kSmallBlocks, random_lstm(training(3, 1, 0, 4)));
  larger.forward();
  larger.backward();
  expect_near(floats_of(larger.forward_arguments().y), reference::lstm_forward(data).y, 1e-5);
}

const LstmBackend kRoundingBackends[] = {kBackends[1], kSmallBlocks, kTwoParts, kShortOfMemory};
INSTANTIATE_TEST_SUITE_P(Cuda, LstmRounded, testing::ValuesIn(kRoundingBackends), name_of);

}  // namespace
}  // namespace lrcn::test
