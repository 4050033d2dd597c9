// lrcn bench: measures kernels, layers and whole models on this machine.
#include <omp.h>

#include <optional>

#include "core/stopwatch.h"
#include "tools/bench/bench_report.h"
#include "tools/cli/bench_cases.h"
#include "tools/cli/compute_options.h"
#include "tools/cli/data_output.h"
#include "tools/cli/exit_code.h"
#include "tools/cli/options.h"
#include "tools/cli/usage_error.h"
#include "tools/cli/verb.h"

namespace lrcn {
namespace {

struct BenchArguments {
  BenchSelection selection;
  BenchRequest request;
  std::int64_t repeat = 7;
  std::int64_t threads = 0;
  ComputeOptions compute;
  std::string format = "table";
  bool json = false;
  bool list = false;
};

std::string label(const BenchCase& which) {
  std::string text = which.bench;
  for (const std::string* part : {&which.name, &which.direction, &which.provider}) {
    text += part->empty() ? "" : ' ' + *part;
  }
  return text;
}

void check_flags(const BenchArguments& arguments) {
  const BenchRequest& request = arguments.request;
  check_range("--repeat", arguments.repeat, 1, 1'000'000);
  check_range("--threads", arguments.threads, 0, kMostThreads);
  check_range("--elements", request.elements, 1, std::int64_t(1) << 40);
  check_range("--batch", request.batch, 0, 1 << 20);
}

int bench(BenchArguments& arguments, Terminal& terminal) {
  check_flags(arguments);
  const BenchFormat format = parse_bench_format(arguments.json ? "json" : arguments.format);
  Context context = arguments.compute.context();
  arguments.request.device = context.device();
  const std::vector<BenchCase> cases = select_bench_cases(arguments.selection, arguments.request);
  if (arguments.list) {
    std::string text;
    for (const BenchCase& each : cases) {
      text += label(each) + '\n';
    }
    print_data(text);
    return kSuccess;
  }
  if (arguments.threads > 0) {
    omp_set_num_threads(int(arguments.threads));
  }
  terminal.status("measuring what the machine reaches", true);
  BenchSetting setting{.threads = omp_get_max_threads(),
                       .device = concat(context.device()),
                       .precision = concat(context.precision())};
  setting.ceilings = measure_ceilings(context, ceiling_sizes(context.device()));
  if (!has_real_time(context.device())) {
    setting.note = "emulated: times mean nothing";
    terminal.warning(setting.note);
  }
  BenchReport report(format, setting);
  print_data(report.begin());
  for (const BenchCase& each : cases) {
    terminal.status("measuring " + label(each), true);
    const auto result = measure(context, each, int(arguments.repeat), setting.ceilings);
    terminal.finish();
    if (result) {
      print_data(report.row(*result));
    }
  }
  print_data(report.end());
  return kSuccess;
}

std::string names_of_families() {
  std::string text;
  for (const BenchFamily& family : bench_families()) {
    text += concat(family.name, ": ", family.summary, ";\n");
  }
  return text + "train-step: caption-step; all: every one";
}

}  // namespace

int run_bench(std::span<const std::string> arguments, Terminal& terminal) {
  BenchArguments values;
  Options options(
      "bench NAME [--case CASE ...] [--provider P ...] [--shapes LIST] [--format F]",
      "Measures on this machine, next to what a copy and a matrix product reach in the "
      "same run.\nNAME: vgg16, conv, matmul, lstm, loss, optimizer, train-step, decode, "
      "startup or all.");
  options.positional("NAME", values.selection.bench, names_of_families());
  options.values("--case", values.selection.cases, "Only this case; may be given several times");
  options.values("--direction", values.selection.directions,
                 "Only forward, forward+pool (on a GPU), dx, dw or forward+backward; several times");
  options.values("--provider", values.selection.providers,
                 "Only what this provider computes: automatic, direct, winograd, plain, stepwise, "
                 "persistent; on a GPU also own, cudnn, cudnn-persistent, cublasLt; several times");
  options.values(
      "--shapes", values.request.shapes,
      "A list of shapes: a CSV file, or one that comes with lrcn: vgg16 or caffenet "
      "(conv), lrcn (matmul), peer, lrcn or deepbench (lstm), captions (loss); several times");
  options.value("--batch", values.request.batch,
                "Images of every convolution; 0: as the list says");
  options.value("--elements", values.request.elements, "Parameters that an optimizer updates");
  options.value("--repeat", values.repeat, "Timed runs of each case; the median is reported");
  options.value("--threads", values.threads, "Threads; 0: as many as there are processors");
  values.compute.declare(options);
  options.value("--format", values.format, "table, markdown, csv or json");
  options.flag("--json", values.json, "The same as --format json: an array of objects");
  options.flag("--list", values.list, "Print the cases and measure nothing");
  return options.parse(arguments) ? bench(values, terminal) : int(kSuccess);
}

}  // namespace lrcn
