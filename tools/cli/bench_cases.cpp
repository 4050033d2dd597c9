#include "tools/cli/bench_cases.h"

#include <algorithm>

#include "core/error.h"
#include "tools/cli/usage_error.h"
#include "tools/train/nearest_name.h"

namespace lrcn {
namespace {

using Names = std::vector<std::string>;

constexpr const char* kStep = "caption-step";
constexpr const char* kStepAlias = "train-step";

[[noreturn]] void refuse(const char* what, const std::string& wrong, const Names& names) {
  const std::string nearest = nearest_name(wrong, names);
  fail<UsageError>("bench: there is no ", what, " '", wrong, "'",
                   nearest.empty() ? "" : concat("; did you mean ", nearest, "?"),
                   " (lrcn bench all --list prints all)");
}

bool contains(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Leaves the cases whose member is among those wanted; each of these has to be there.
void keep(std::vector<BenchCase>& cases, const char* what, const Names& wanted,
          std::string BenchCase::*member) {
  if (wanted.empty()) {
    return;
  }
  Names names;
  for (const BenchCase& each : cases) {
    if (!(each.*member).empty() && !contains(names, each.*member)) {
      names.push_back(each.*member);
    }
  }
  for (const std::string& name : wanted) {
    if (!contains(names, name)) {
      refuse(what, name, names);
    }
  }
  std::erase_if(cases, [&](const BenchCase& each) { return !contains(wanted, each.*member); });
}

}  // namespace

std::vector<BenchCase> select_bench_cases(const BenchSelection& selection,
                                          const BenchRequest& request) {
  const bool all = selection.bench == "all";
  check<UsageError>(!all || request.shapes.empty(),
                    "bench: --shapes needs the name of one benchmark, got all");
  const std::string asked = selection.bench == kStepAlias ? kStep : selection.bench;
  Names names = {"all", kStepAlias};
  std::vector<BenchCase> cases;
  for (const BenchFamily& family : bench_families()) {
    names.emplace_back(family.name);
    check<UsageError>(request.shapes.empty() || family.takes_shapes || family.name != asked,
                      "bench: ", asked, " takes no --shapes");
    if (all || family.name == asked) {
      const std::vector<BenchCase> own = family.cases(request);
      cases.insert(cases.end(), own.begin(), own.end());
    }
  }
  if (!all && !contains(names, asked)) {
    refuse("benchmark", selection.bench, names);
  }
  for (BenchCase& each : cases) {
    each.bench = all ? each.bench : selection.bench;  // rows bear the name that was asked for
  }
  keep(cases, "case", selection.cases, &BenchCase::name);
  keep(cases, "direction", selection.directions, &BenchCase::direction);
  keep(cases, "provider", selection.providers, &BenchCase::provider);
  return cases;
}

}  // namespace lrcn
