// Who computes a matrix product on CUDA. Times are made up: the race is replaced.
#include "kernels/cuda/matmul_choice.h"

#include "kernels/algorithm_choices.h"
#include "kernels/cuda/plan_measurement.h"
#include "kernels/nvidia_libraries.h"
#include "tests/kernels/cuda/cuda_agreement.h"

namespace lrcn::test {
namespace {

const MatmulProblem kProblem{
    .m = 9, .n = 24, .k = 40, .transpose_b = true, .bias = true, .relu = true, .pack_b = true};

class CudaMatmulChoice : public CudaAgreement {
 protected:
  // Two candidates, the second of which is counted and may be unable.
  std::unique_ptr<MatmulKernel> choose(bool second_is_able = true,
                                       const MatmulProblem& problem = kProblem,
                                       const std::string& key = "key") {
    Context& context = cuda_context();
    auto& measurement = context.handle<cuda::PlanMeasurement>();
    measurement.fastest = [this](std::span<const TimedRun> runs) {
      ++races_;
      for (const TimedRun& run : runs) {
        EXPECT_GE(run(1), 0.0);
      }
      return runs.size() - 1;
    };
    const cuda::MatmulCandidate candidates[] = {
        {"first", [&] { return cuda::plan_own_matmul(context, problem); }},
        {"second", [&, second_is_able] {
           ++planned_;
           return second_is_able ? cuda::plan_own_matmul(context, problem) : nullptr;
         }}};
    return cuda::choose_matmul(context, problem, key, candidates);
  }
  AlgorithmChoices& choices() { return cuda_context().handle<AlgorithmChoices>(); }

  int races_ = 0;
  int planned_ = 0;
};

TEST_F(CudaMatmulChoice, MeasuresOnceAndRemembersTheWinner) {
  EXPECT_NE(choose(), nullptr);
  EXPECT_EQ(races_, 1);
  EXPECT_EQ(choices().entries(), (AlgorithmChoices::Entries{{"key", "second"}}));
  EXPECT_NE(choose(), nullptr);
  EXPECT_EQ(races_, 1);
}

TEST_F(CudaMatmulChoice, MeasuresWithALimitAndGaps) {
  MatmulProblem problem{.m = 9, .n = 24, .k = 40, .transpose_a = true};
  problem.a_pitch = 16;
  problem.c_pitch = 32;
  for (const MatmulLimit limit : {MatmulLimit::rows, MatmulLimit::terms}) {
    problem.limit = limit;
    EXPECT_NE(choose(true, problem, concat("limit ", int(limit))), nullptr);
  }
  EXPECT_EQ(races_, 2);
}

TEST_F(CudaMatmulChoice, LeavesOutWhoCannot) {
  EXPECT_NE(choose(false), nullptr);
  EXPECT_EQ(races_, 0);
  EXPECT_EQ(choices().entries(), (AlgorithmChoices::Entries{{"key", "first"}}));
  choices().load({{"key", "second"}});
  EXPECT_NE(choose(false), nullptr);
}

TEST_F(CudaMatmulChoice, TakesTheFirstWhereNothingIsMeasured) {
  choices().set_measures(false);
  EXPECT_NE(choose(), nullptr);
  EXPECT_EQ(races_ + planned_, 0);
}

TEST_F(CudaMatmulChoice, KeysHoldWhatDecidesAboutSpeed) {
  const cuda::Platform platform = cuda::find_platform();
  EXPECT_EQ(cuda::matmul_key(cuda_context(), kProblem, "cuBLASLt 13.1.0"),
            concat(platform.devices[0].name, ", driver ", platform.driver,
                   ", cuBLASLt 13.1.0: matmul f32, a f32[9,40], b f32[40,24] transposed packed, c "
                   "f32, bias, ReLU"));
  const MatmulProblem limited{.m = 9,
                              .n = 24,
                              .k = 40,
                              .transpose_a = true,
                              .accumulate = true,
                              .a_pitch = 16,
                              .c_pitch = 32,
                              .limit = MatmulLimit::terms};
  const std::string key = cuda::matmul_key(cuda_context(), limited, "cuBLASLt 13.1.0");
  EXPECT_EQ(key.substr(key.find(": ")),
            ": matmul f32, a f32[9,40] transposed in rows of 16, b f32[40,24], c f32 in rows of "
            "32, accumulate, limited terms");
}

TEST_F(CudaMatmulChoice, SaysWhatIsMissingWhenTheLibraryIsForced) {
  if (!cublaslt_library().version.empty()) {
    GTEST_SKIP() << "this build has cuBLASLt " << cublaslt_library().version;
  }
  cuda_context().set_provider(Provider::cudnn);
  try {
    plan_matmul(cuda_context(), kProblem);
    FAIL() << "was planned without cuBLASLt";
  } catch (const DeviceError& error) {
    EXPECT_EQ(std::string(error.what()), "matmul: " + cublaslt_library().problem);
  }
}

}  // namespace
}  // namespace lrcn::test
