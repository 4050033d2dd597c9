#include "kernels/cuda/shared_library.h"

#include <gtest/gtest.h>

#include "kernels/nvidia_libraries.h"

namespace lrcn::test {
namespace {

using cuda::SharedLibrary;

TEST(CudaSharedLibrary, FindsFunctionsByName) {
  const SharedLibrary math("libm.so.6", "");
  ASSERT_TRUE(math.is_open()) << math.problem();
  EXPECT_EQ(math.problem(), "");
  EXPECT_DOUBLE_EQ(math.function<double(double)>("cbrt")(27.0), 3.0);
}

TEST(CudaSharedLibrary, TakesThePathWhereTheNameIsNotFound) {
  const SharedLibrary math("libnot_to_be_found.so.1", "libm.so.6");
  EXPECT_TRUE(math.is_open());
  EXPECT_EQ(math.problem(), "");
}

TEST(CudaSharedLibrary, SaysWhatIsMissing) {
  const SharedLibrary none("libnot_to_be_found.so.1", "");
  EXPECT_FALSE(none.is_open());
  EXPECT_NE(none.problem().find("libnot_to_be_found.so.1"), std::string::npos) << none.problem();
  EXPECT_THROW(none.function<void()>("anything"), DeviceError);
  const SharedLibrary math("libm.so.6", "");
  try {
    math.function<void()>("not_a_function_of_it");
    FAIL() << "was found";
  } catch (const DeviceError& error) {
    EXPECT_EQ(std::string(error.what()), "libm.so.6 has no not_a_function_of_it");
  }
}

TEST(CudaSharedLibrary, NvidiasAreThereOrSayWhyNot) {
  for (const NvidiaLibrary& library : {cudnn_library(), cublaslt_library()}) {
    EXPECT_FALSE(library.name.empty());
    EXPECT_NE(library.version.empty(), library.problem.empty())
        << library.name << ' ' << library.version << ' ' << library.problem;
  }
}

}  // namespace
}  // namespace lrcn::test
