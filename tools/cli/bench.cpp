// lrcn bench: measures whole models and layers on this machine.
#include <omp.h>

#include <algorithm>
#include <cstdio>
#include <iostream>

#include "tools/bench/benchmark.h"
#include "tools/cli/compute_options.h"
#include "tools/cli/exit_code.h"
#include "tools/cli/options.h"
#include "tools/cli/usage_error.h"
#include "tools/cli/verb.h"
#include "tools/train/nearest_name.h"

namespace lrcn {
namespace {

struct BenchArguments {
  std::string bench;
  std::vector<std::string> cases;
  std::int64_t repeat = 7;
  std::int64_t threads = 0;
  ComputeOptions compute;
  bool json = false;
  bool list = false;
};

std::vector<BenchCase> chosen_cases(const BenchArguments& arguments) {
  std::vector<std::string> names;
  std::vector<BenchCase> chosen;
  for (const BenchCase& each : all_bench_cases()) {
    if (arguments.bench != "all" && each.bench != arguments.bench) {
      names.push_back(each.bench);
      continue;
    }
    names.push_back(each.name);
    if (arguments.cases.empty() || std::find(arguments.cases.begin(), arguments.cases.end(),
                                             each.name) != arguments.cases.end()) {
      chosen.push_back(each);
    }
  }
  if (chosen.empty()) {
    const std::string& wrong = arguments.cases.empty() ? arguments.bench : arguments.cases[0];
    const std::string nearest = nearest_name(wrong, names);
    fail<UsageError>("bench: there is no ", arguments.cases.empty() ? "benchmark '" : "case '",
                     wrong, "'", nearest.empty() ? "" : concat("; did you mean ", nearest, "?"),
                     " (lrcn bench all --list prints all)");
  }
  return chosen;
}

void print_row(const BenchResult& result) {
  std::printf("%-13s %-22s %10.3f %10.3f %10.3f %10.1f %-10s", result.bench.c_str(),
              result.name.c_str(), result.median, result.low, result.high, result.items_per_second,
              result.unit.c_str());
  if (result.gflop_per_second > 0) {
    std::printf(" %8.1f %6.1f%%", result.gflop_per_second, result.percent_of_peak);
  }
  std::printf("\n");
  std::fflush(stdout);
}

int bench(const BenchArguments& arguments, Terminal& terminal) {
  check<UsageError>(arguments.repeat >= 1 && arguments.threads >= 0,
                    "bench: --repeat must be at least 1 and --threads at least 0");
  const std::vector<BenchCase> chosen = chosen_cases(arguments);
  if (arguments.list) {
    for (const BenchCase& each : chosen) {
      std::cout << each.bench << ' ' << each.name << '\n';
    }
    return kSuccess;
  }
  if (arguments.threads > 0) {
    omp_set_num_threads(int(arguments.threads));
  }
  Context context = arguments.compute.context();
  const double peak = measure_fma_peak();
  Json rows = Json::array();
  if (!arguments.json) {
    std::printf(
        "%d threads, multiply-add peak %.0f GFLOP/s\n\n%-13s %-22s %10s %10s %10s %10s "
        "%-10s %8s %7s\n",
        omp_get_max_threads(), peak, "benchmark", "case", "ms", "p10", "p90", "per s", "",
        "GFLOP/s", "of peak");
  }
  for (const BenchCase& each : chosen) {
    terminal.status(concat("measuring ", each.bench, ' ', each.name), true);
    const BenchResult result = measure(context, each, int(arguments.repeat), peak);
    terminal.finish();
    if (arguments.json) {
      rows.push_back(to_json(result).set("fma_peak_gflops", peak));
    } else {
      print_row(result);
    }
  }
  if (arguments.json) {
    std::cout << rows.dump(2) << '\n';
  }
  return kSuccess;
}

}  // namespace

int run_bench(std::span<const std::string> arguments, Terminal& terminal) {
  BenchArguments values;
  Options options("bench NAME [--case CASE ...] [--repeat R] [--threads T] [--json]",
                  "Measures on this machine: vgg16, lstm, caption-step, decode, startup or all.");
  options.positional("NAME", values.bench, "vgg16, lstm, caption-step, decode, startup or all");
  options.values("--case", values.cases, "Only this case; may be given several times");
  options.value("--repeat", values.repeat, "Timed runs of each case; the median is reported");
  options.value("--threads", values.threads, "Threads; 0: as many as there are processors");
  values.compute.declare(options);
  options.flag("--json", values.json, "Print a JSON array of objects");
  options.flag("--list", values.list, "Print the cases and measure nothing");
  return options.parse(arguments) ? bench(values, terminal) : int(kSuccess);
}

}  // namespace lrcn
