#include "tools/cli/compute_options.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "tools/cli/usage_error.h"

namespace lrcn::test {
namespace {

Context context_of(const std::vector<std::string>& arguments) {
  ComputeOptions compute;
  Options options("verb", "A verb.");
  compute.declare(options);
  compute.declare_provider(options);
  EXPECT_TRUE(options.parse(arguments));
  return compute.context();
}

std::string error_of(const std::vector<std::string>& arguments) {
  try {
    context_of(arguments);
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

TEST(ComputeOptions, AreTheCpuInF32ByWhateverIsFastest) {
  const Context context = context_of({});
  EXPECT_TRUE(context.device().is_cpu());
  EXPECT_EQ(context.precision(), Precision::f32);
  EXPECT_EQ(context.provider(), Provider::automatic);
}

TEST(ComputeOptions, RefuseOnTheCpuWhatOnlyAGpuOffers) {
  EXPECT_EQ(error_of({"--precision", "tf32"}),
            "--precision tf32 needs --device cuda: the CPU computes in f32");
  EXPECT_EQ(error_of({"--provider", "cudnn"}),
            "--provider cudnn needs --device cuda: the CPU has one provider");
  EXPECT_THROW(context_of({"--provider", "own"}), UsageError);
}

TEST(ComputeOptions, NameTheProvidersThereAre) {
  EXPECT_EQ(error_of({"--provider", "cudn"}), "provider: expected auto, own or cudnn, got 'cudn'");
}

TEST(ComputeOptions, GiveTheProviderToTheContext) {
  if (LRCN_CUDA_EMULATED == 0) {
    GTEST_SKIP() << "needs a build with emulated CUDA";
  }
  const Context context = context_of({"--device", "cuda", "--provider", "own"});
  EXPECT_EQ(context.provider(), Provider::own);
}

}  // namespace
}  // namespace lrcn::test
