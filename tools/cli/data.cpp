// lrcn data: making and verifying data sets.
#include <array>

#include "tools/cli/data_shapes.h"
#include "tools/cli/data_verify.h"
#include "tools/cli/subverb.h"

namespace lrcn {

int run_data(std::span<const std::string> arguments, Terminal& terminal) {
  static constexpr std::array<Subverb, 2> kSubverbs = {{
      {"shapes", run_data_shapes, "draw pictures of shapes with captions, to train and judge on"},
      {"verify", run_data_verify, "read every picture and caption, sum up, write a manifest"},
  }};
  return run_subverb("data", kSubverbs, arguments, terminal);
}

}  // namespace lrcn
