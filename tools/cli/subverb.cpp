#include "tools/cli/subverb.h"

#include <algorithm>
#include <vector>

#include "tools/cli/data_output.h"
#include "tools/cli/data_table.h"
#include "tools/cli/exit_code.h"
#include "tools/cli/usage_error.h"
#include "tools/train/nearest_name.h"

namespace lrcn {
namespace {

std::string help_of(const std::string& verb, std::span<const Subverb> subverbs) {
  DataTable table({DataTable::Align::left, DataTable::Align::left});
  for (const Subverb& each : subverbs) {
    table.add({concat("lrcn ", verb, ' ', each.name), each.summary});
  }
  return table.text("  ") + "\nEach takes --help.\n";
}

}  // namespace

int run_subverb(const std::string& verb, std::span<const Subverb> subverbs,
                std::span<const std::string> arguments, Terminal& terminal) {
  const std::string name = arguments.empty() ? "" : arguments.front();
  if (name == "--help" || name == "-h") {
    print_data(help_of(verb, subverbs));
    return kSuccess;
  }
  std::vector<std::string> names;
  std::string list;
  for (const Subverb& each : subverbs) {
    if (name == each.name) {
      return each.run(arguments.subspan(1), terminal);
    }
    names.emplace_back(each.name);
    list += concat(list.empty() ? "" : ", ", each.name);
  }
  check<UsageError>(!name.empty(), "lrcn ", verb, ": expected ", list, " (see lrcn ", verb,
                    " --help)");
  const std::string nearest = nearest_name(name, names);
  fail<UsageError>("lrcn ", verb, ": expected ", list, ", got '", name, "'",
                   nearest.empty() ? "" : concat("; did you mean ", nearest, "?"), " (see lrcn ",
                   verb, " --help)");
}

}  // namespace lrcn
