// Paths of the real test data and the golden files; a test that needs an absent file is skipped.
#pragma once

#include <filesystem>

namespace lrcn::test {

// A file or folder of the test data, for example test_data("photos").
inline std::filesystem::path test_data(const std::filesystem::path& relative) {
  return std::filesystem::path(LRCN_TEST_DATA) / relative;
}

// A small file in tests/golden, made by the script that stands beside it.
inline std::filesystem::path golden(const std::filesystem::path& relative) {
  return std::filesystem::path(LRCN_GOLDEN) / relative;
}

}  // namespace lrcn::test

// Ends the test as skipped, with the reason, when `path` does not exist.
#define LRCN_SKIP_WITHOUT(path)                                   \
  if (!std::filesystem::exists(path)) {                           \
    GTEST_SKIP() << "needs " << (path) << ", which is not there"; \
  }
