// The measurements of `lrcn bench` for machines with a GPU and little else (tools/gpu_check.sh):
// without the libraries of the command line, and so without "startup".
//
//   device_bench NAME [--device cuda] [--precision bf16] [--provider own] [--case NAME]
//                     [--repeat 7] [--format markdown] [--json FILE]
#include <omp.h>

#include <cstdio>
#include <iostream>
#include <map>

#include "core/error.h"
#include "core/io/file.h"
#include "core/precision.h"
#include "core/stopwatch.h"
#include "tools/bench/bench_report.h"
#include "tools/cli/bench_cases.h"

namespace lrcn {

// Starts programs that are not built here.
std::vector<BenchCase> startup_cases(const BenchRequest&) { return {}; }

namespace {

struct Arguments {
  BenchSelection selection;
  std::string device = "cpu";
  std::string precision = "f32";
  std::string format = "table";
  std::string json;  // file for the same rows as JSON; empty: none
  int repeat = 7;
};

Arguments parse(int count, char** texts) {
  Arguments values;
  check(count >= 2, "device_bench: expected the name of a benchmark");
  values.selection.bench = texts[1];
  for (int i = 2; i < count; i += 2) {
    const std::string flag = texts[i];
    const std::map<std::string, std::string*> names{{"--device", &values.device},
                                                    {"--precision", &values.precision},
                                                    {"--format", &values.format},
                                                    {"--json", &values.json}};
    const std::map<std::string, std::vector<std::string>*> lists{
        {"--provider", &values.selection.providers}, {"--case", &values.selection.cases}};
    check(i + 1 < count, "device_bench: ", flag, " has no value");
    if (names.contains(flag)) {
      *names.at(flag) = texts[i + 1];
    } else if (lists.contains(flag)) {
      lists.at(flag)->push_back(texts[i + 1]);
    } else {
      check(flag == "--repeat", "device_bench: there is no flag '", flag, "'");
      values.repeat = std::stoi(texts[i + 1]);
    }
  }
  check(values.repeat >= 1, "device_bench: --repeat must be at least 1");
  return values;
}

// False when a case failed: the others are measured all the same.
bool run(const Arguments& arguments) {
  Context context(Device::parse(arguments.device));
  context.set_precision(parse_precision(arguments.precision));
  BenchRequest request;
  request.device = context.device();
  const std::vector<BenchCase> cases = select_bench_cases(arguments.selection, request);
  BenchSetting setting{.threads = omp_get_max_threads(),
                       .device = concat(context.device()),
                       .precision = concat(context.precision())};
  setting.ceilings = measure_ceilings(context, ceiling_sizes(context.device()));
  if (!has_real_time(context.device())) {
    setting.note = "emulated: times mean nothing";
  }
  BenchReport report(parse_bench_format(arguments.format), setting);
  BenchReport json(BenchFormat::json, setting);
  std::string json_text = json.begin();
  std::cout << report.begin();
  bool whole = true;
  for (const BenchCase& each : cases) {
    try {
      if (const auto result = measure(context, each, arguments.repeat, setting.ceilings)) {
        std::cout << report.row(*result) << std::flush;
        json_text += json.row(*result);
      }
    } catch (const Error& error) {
      std::cerr << each.bench << ' ' << each.name << ' ' << each.direction << ' ' << each.provider
                << ": " << error.what() << '\n';
      whole = false;
    }
  }
  std::cout << report.end();
  if (!arguments.json.empty()) {
    write_file_atomically(arguments.json, json_text + json.end());
  }
  return whole;
}

}  // namespace
}  // namespace lrcn

int main(int count, char** texts) {
  try {
    return lrcn::run(lrcn::parse(count, texts)) ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
