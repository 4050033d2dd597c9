// `lrcn caption` on a GPU, or on the emulated one, whose copies arrive late.
#include <gtest/gtest.h>

#include "tests/core/io/temporary_folder.h"
#include "tests/tools/cli/run_lrcn.h"
#include "tests/tools/cli/small_model.h"

#if LRCN_HAS_CUDA
#include "core/cuda/device_info.h"
#endif

namespace lrcn::test {
namespace {

TEST(CaptionOnCuda, SaysWhatTheCpuSaysForEveryPicture) {
#if LRCN_HAS_CUDA
  const std::string problem = cuda::find_platform().problem;
#else
  const std::string problem = "built without CUDA";
#endif
  if (!problem.empty()) {
    GTEST_SKIP() << problem;
  }
  const TemporaryFolder folder;
  const std::filesystem::path model = folder / "model";
  write_small_model(model);
  std::vector<std::string> arguments = {"caption", "--model", model, "--batch", "2"};
  for (int i = 0; i < 7; ++i) {
    const std::filesystem::path picture = folder / (std::to_string(i) + ".png");
    write_small_picture(picture, std::uint64_t(i));
    arguments.push_back(picture);
  }
  const RunResult expected = run_lrcn(arguments);
  ASSERT_EQ(expected.code, 0) << expected.err;
  arguments.insert(arguments.end(), {"--device", "cuda"});
  const RunResult got = run_lrcn(arguments);
  EXPECT_EQ(got.code, 0) << got.err;
  EXPECT_EQ(got.out, expected.out);
}

}  // namespace
}  // namespace lrcn::test
