#include "tools/bench/benchmark.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/stopwatch.h"

namespace lrcn {
namespace {

constexpr double kShortestTime = 1.0;  // milliseconds that tell more than the clock and a launch
constexpr int kMostRunsAtOnce = 64;

constexpr std::array<BenchFamily, 9> kFamilies = {{
    {"vgg16", "VGG-16 at 224x224, forward and forward with backward", vgg_cases},
    {"conv", "convolutions one by one: forward, dx and dw by every provider", convolution_cases,
     true},
    {"matmul", "linear layers one by one: forward, dx and dw by every provider", matmul_cases,
     true},
    {"lstm", "one LSTM layer over a sequence", lstm_cases, true},
    {"loss", "softmax cross-entropy over a vocabulary, with its gradient", loss_cases, true},
    {"optimizer", "an update of many parameters by each rule", optimizer_cases},
    {"caption-step", "a training step of the captioner", caption_step_cases},
    {"decode", "captions a second", decode_cases},
    {"startup", "a whole process that captions a picture", startup_cases},
}};

double percentile(const std::vector<double>& sorted, double part) {
  const double place = part * double(sorted.size() - 1);
  const auto low = std::size_t(place);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (place - double(low)) * (sorted[high] - sorted[low]);
}

// Milliseconds of a run, as the mean of `runs`.
double time_of(Stopwatch& stopwatch, const PreparedCase& prepared, int runs) {
  stopwatch.start();
  for (int i = 0; i < runs; ++i) {
    prepared.run();
  }
  return stopwatch.stop() / runs;
}

double percent(double part, double whole) { return whole > 0 ? 100.0 * part / whole : 0.0; }

}  // namespace

std::span<const BenchFamily> bench_families() { return kFamilies; }

std::optional<BenchResult> measure(Context& context, const BenchCase& which, int repeat,
                                   const Ceilings& ceilings) {
  const PreparedCase prepared = which.prepare(context);
  if (!prepared.run) {
    return std::nullopt;
  }
  Stopwatch stopwatch(context);
  time_of(stopwatch, prepared, 1);
  const double warm = std::max(time_of(stopwatch, prepared, 1), kShortestTime / kMostRunsAtOnce);
  const int at_once = int(std::ceil(kShortestTime / warm));
  std::vector<double> times;
  for (int i = 0; i < repeat; ++i) {
    times.push_back(time_of(stopwatch, prepared, at_once));
  }
  std::sort(times.begin(), times.end());
  BenchResult result;
  result.bench = which.bench;
  result.name = which.name;
  result.direction = which.direction;
  result.provider = which.provider;
  result.median = percentile(times, 0.5);
  result.low = percentile(times, 0.1);
  result.high = percentile(times, 0.9);
  result.runs = repeat;
  const double milliseconds = std::max(result.median, 1e-6);  // no clock is finer
  result.items_per_second = prepared.items / milliseconds * 1e3;
  result.unit = prepared.unit;
  result.gflop_per_second = prepared.flop / milliseconds * 1e-6;
  result.gb_per_second = prepared.bytes / milliseconds * 1e-6;
  result.percent_of_product = percent(result.gflop_per_second, ceilings.product_gflop_per_second);
  result.percent_of_copy = percent(result.gb_per_second, ceilings.copy_gb_per_second);
  result.percent_of_peak = percent(result.gflop_per_second, ceilings.fma_gflop_per_second);
  result.kernels = prepared.kernels;
  return result;
}

}  // namespace lrcn
