// A row-major array of numbers read from a file of the test data.
#pragma once

#include <cstdint>
#include <vector>

namespace lrcn::test {

struct ArrayFile {
  std::vector<std::int64_t> shape;
  std::vector<double> values;
};

}  // namespace lrcn::test
