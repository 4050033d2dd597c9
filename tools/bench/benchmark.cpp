#include "tools/bench/benchmark.h"

#include <algorithm>
#include <array>

#include "core/stopwatch.h"

namespace lrcn {
namespace {

constexpr int kWarmUpRuns = 2;

constexpr std::array<BenchFamily, 8> kFamilies = {{
    {"vgg16", "VGG-16 at 224x224, forward and forward with backward", vgg_cases},
    {"conv", "convolutions one by one: forward, dx and dw by every provider", convolution_cases},
    {"lstm", "one LSTM layer over a sequence", lstm_cases},
    {"loss", "softmax cross-entropy over a vocabulary, with its gradient", loss_cases},
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

double percent(double part, double whole) { return whole > 0 ? 100.0 * part / whole : 0.0; }

}  // namespace

std::span<const BenchFamily> bench_families() { return kFamilies; }

std::optional<BenchResult> measure(Context& context, const BenchCase& which, int repeat,
                                   const Ceilings& ceilings) {
  const PreparedCase prepared = which.prepare(context);
  if (!prepared.run) {
    return std::nullopt;
  }
  for (int i = 0; i < kWarmUpRuns; ++i) {
    prepared.run();
  }
  context.synchronize();
  Stopwatch stopwatch(context);
  std::vector<double> times;
  for (int i = 0; i < repeat; ++i) {
    stopwatch.start();
    prepared.run();
    times.push_back(stopwatch.stop());
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
