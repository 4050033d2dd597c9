#include "tools/bench/benchmark.h"

#include <omp.h>

#include <algorithm>
#include <chrono>

namespace lrcn {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kWarmUpRuns = 2;

double milliseconds(Clock::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

double percentile(const std::vector<double>& sorted, double part) {
  const double place = part * double(sorted.size() - 1);
  const auto low = std::size_t(place);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (place - double(low)) * (sorted[high] - sorted[low]);
}

}  // namespace

std::vector<BenchCase> all_bench_cases() {
  std::vector<BenchCase> all;
  for (const auto& family :
       {vgg_cases(), lstm_cases(), caption_step_cases(), decode_cases(), startup_cases()}) {
    all.insert(all.end(), family.begin(), family.end());
  }
  return all;
}

BenchResult measure(Context& context, const BenchCase& which, int repeat, double peak_gflops) {
  const PreparedCase prepared = which.prepare(context);
  for (int i = 0; i < kWarmUpRuns; ++i) {
    prepared.run();
  }
  std::vector<double> times;
  for (int i = 0; i < repeat; ++i) {
    const auto start = Clock::now();
    prepared.run();
    times.push_back(milliseconds(Clock::now() - start));
  }
  std::sort(times.begin(), times.end());
  BenchResult result;
  result.bench = which.bench;
  result.name = which.name;
  result.median = percentile(times, 0.5);
  result.low = percentile(times, 0.1);
  result.high = percentile(times, 0.9);
  result.runs = repeat;
  result.items_per_second = prepared.items / result.median * 1e3;
  result.unit = prepared.unit;
  result.gflop_per_second = prepared.flop / result.median * 1e-6;
  result.percent_of_peak = peak_gflops > 0 ? 100.0 * result.gflop_per_second / peak_gflops : 0.0;
  result.kernels = prepared.kernels;
  return result;
}

double measure_fma_peak() {
  // Enough independent sums to fill the pipelines of both units of any current processor.
  constexpr int kSums = 12;
  constexpr int kLanes = 16;
  constexpr std::int64_t kRounds = 4'000'000;
  typedef float Vector __attribute__((vector_size(kLanes * sizeof(float))));
  double best = 0;
  for (int attempt = 0; attempt < 5; ++attempt) {
    const auto start = Clock::now();
    float sink = 0;
#pragma omp parallel reduction(+ : sink)
    {
      Vector sums[kSums];
      Vector factor = {};
      for (int i = 0; i < kLanes; ++i) {
        factor[i] = 0.999f + 1e-6f * float(i + omp_get_thread_num());
      }
      for (Vector& sum : sums) {
        sum = factor;
      }
      for (std::int64_t round = 0; round < kRounds; ++round) {
        for (Vector& sum : sums) {
          sum = sum * factor + factor;
        }
      }
      for (const Vector& sum : sums) {
        sink += sum[0];
      }
    }
    volatile float kept = sink;  // the sums are not optimised away
    (void)kept;
    const double seconds = milliseconds(Clock::now() - start) * 1e-3;
    const double flop = 2.0 * kLanes * kSums * double(kRounds) * omp_get_max_threads();
    best = std::max(best, flop / seconds * 1e-9);
  }
  return best;
}

Json to_json(const BenchResult& result) {
  Json json = Json::object({{"name", result.bench},
                            {"case", result.name},
                            {"ms_median", result.median},
                            {"ms_p10", result.low},
                            {"ms_p90", result.high},
                            {"runs", result.runs},
                            {"per_second", result.items_per_second},
                            {"unit", result.unit},
                            {"threads", omp_get_max_threads()}});
  if (result.gflop_per_second > 0) {
    json.set("gflops", result.gflop_per_second).set("percent_of_peak", result.percent_of_peak);
  }
  return json;
}

}  // namespace lrcn
