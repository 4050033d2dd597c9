#include "tools/cli/data_shapes.h"

#include "tools/cli/data_output.h"
#include "tools/cli/data_table.h"
#include "tools/cli/exit_code.h"
#include "tools/cli/options.h"
#include "tools/cli/usage_error.h"
#include "tools/data/shapes_writer.h"

namespace lrcn {

int run_data_shapes(std::span<const std::string> arguments, Terminal& terminal) {
  constexpr std::int64_t kMost = 10'000'000;
  const ShapesOptions standard;
  std::string folder;
  std::int64_t train = standard.train;
  std::int64_t val = standard.val;
  std::int64_t test = standard.test;
  auto seed = std::int64_t(standard.seed);
  Options options("data shapes OUT [flags]",
                  "Draws 64x64 pictures of coloured shapes with five captions each, in the format "
                  "of MS COCO: OUT/captions_{train,val,test}.json and OUT/{train,val,test}/. What "
                  "val and test show never occurs in train. Prints OUT.");
  options.positional("OUT", folder, "Folder to write to");
  options.value("--train", train, "Pictures to train on");
  options.value("--val", val, "Pictures for validation");
  options.value("--test", test, "Pictures for the test");
  options.value("--seed", seed, "Decides what is drawn");
  if (!options.parse(arguments)) {
    return kSuccess;
  }
  for (const auto& [name, value, low] :
       {std::tuple("--train", train, std::int64_t(1)), std::tuple("--val", val, std::int64_t(0)),
        std::tuple("--test", test, std::int64_t(0))}) {
    check_range(name, value, low, kMost);
  }
  check<UsageError>(seed >= 0, "--seed: expected 0 or more, got ", seed);
  const ShapesSummary summary =
      write_shapes(folder, {.train = train, .val = val, .test = test, .seed = std::uint64_t(seed)});
  terminal.line(concat("wrote ", grouped(summary.pictures), " pictures; the training part has ",
                       grouped(summary.combinations), " different scenes"));
  print_data(folder + '\n');
  return kSuccess;
}

}  // namespace lrcn
