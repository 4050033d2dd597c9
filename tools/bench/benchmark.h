// What `lrcn bench` can measure, and how it is timed.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/context.h"
#include "core/io/json.h"

namespace lrcn {

// A prepared measurement: everything that is not to be timed has been done.
struct PreparedCase {
  std::function<void()> run;
  double items = 0;       // pictures, captions or sequences in one run
  const char* unit = "";  // "images", "captions", "sequences"
  double flop =
      0;  // floating-point operations of one run, a multiply-add being two; 0: not counted
  std::string kernels;  // what was chosen at plan time
};

struct BenchCase {
  std::string bench;  // "vgg16"
  std::string name;   // "forward-b8"
  std::function<PreparedCase(Context&)> prepare;
};

// All cases, in the order in which they are printed.
std::vector<BenchCase> all_bench_cases();

// The families that all_bench_cases joins; each in its own file.
std::vector<BenchCase> vgg_cases();
std::vector<BenchCase> lstm_cases();
std::vector<BenchCase> caption_step_cases();
std::vector<BenchCase> decode_cases();
std::vector<BenchCase> startup_cases();

struct BenchResult {
  std::string bench;
  std::string name;
  double median = 0;  // milliseconds
  double low = 0;     // 10th percentile
  double high = 0;    // 90th percentile
  int runs = 0;
  double items_per_second = 0;
  std::string unit;
  double gflop_per_second = 0;  // 0: not counted
  double percent_of_peak = 0;   // of the multiply-add peak measured in the same process
  std::string kernels;
};

// Prepares, warms up twice, then times `repeat` runs.
BenchResult measure(Context& context, const BenchCase& which, int repeat, double peak_gflops);

// What this processor reaches with fused multiply-adds in registers alone, all threads, GFLOP/s.
double measure_fma_peak();

Json to_json(const BenchResult& result);

}  // namespace lrcn
