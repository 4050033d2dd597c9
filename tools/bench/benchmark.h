// What `lrcn bench` can measure, and how it is timed.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/context.h"
#include "tools/bench/ceilings.h"

namespace lrcn {

// A prepared measurement: everything that is not to be timed has been done.
struct PreparedCase {
  std::function<void()> run = {};  // empty: the provider does not offer this case
  double items = 0;                // pictures, captions or sequences in one run
  const char* unit = "";           // "images", "captions", "sequences"
  double flop =
      0;  // floating-point operations of one run, a multiply-add being two; 0: not counted
  double bytes = 0;          // that one run has to read and write at least; 0: not counted
  std::string kernels = {};  // what was chosen at plan time
};

struct BenchCase {
  std::string bench;  // "conv"
  std::string name;   // "vgg16-conv1_2"
  std::function<PreparedCase(Context&)> prepare;
  std::string direction = {};  // "forward", "dx"; empty where the name says it
  std::string provider = {};   // "direct": by what it is computed, where there is a choice
};

// What decides about the cases.
struct BenchRequest {
  Device device = {};
  std::vector<std::string> shapes = {};  // lists (find_shapes); empty: those of the family
  std::int64_t batch = 0;                // images of a convolution; 0: as the list says
  std::int64_t elements = 138'357'544;   // that an optimizer updates: the parameters of VGG-16
};

// Cases that belong together: what a person asks for by name.
struct BenchFamily {
  const char* name;
  const char* summary;
  // Throws DataError, NotFoundError and ArgumentError for lists of shapes that cannot be used.
  std::vector<BenchCase> (*cases)(const BenchRequest& request);
  bool takes_shapes = false;  // whether the cases follow from lists of shapes
};

// All families, in the order in which they are measured.
std::span<const BenchFamily> bench_families();

// The families' cases; each in its own file.
std::vector<BenchCase> vgg_cases(const BenchRequest& request);
std::vector<BenchCase> convolution_cases(const BenchRequest& request);
std::vector<BenchCase> matmul_cases(const BenchRequest& request);
std::vector<BenchCase> lstm_cases(const BenchRequest& request);
std::vector<BenchCase> loss_cases(const BenchRequest& request);
std::vector<BenchCase> optimizer_cases(const BenchRequest& request);
std::vector<BenchCase> caption_step_cases(const BenchRequest& request);
std::vector<BenchCase> decode_cases(const BenchRequest& request);
std::vector<BenchCase> startup_cases(const BenchRequest& request);

struct BenchResult {
  std::string bench;
  std::string name;
  std::string direction;
  std::string provider;
  double median = 0;  // milliseconds
  double low = 0;     // 10th percentile
  double high = 0;    // 90th percentile
  int runs = 0;       // how often the time was taken
  double items_per_second = 0;
  std::string unit;
  // 0: not counted.
  double gflop_per_second = 0;
  double gb_per_second = 0;
  double percent_of_product = 0;  // of the matrix product measured in the same process
  double percent_of_copy = 0;     // of the copy
  double percent_of_peak = 0;     // of multiply-adds in registers, on the CPU
  std::string kernels;
};

// Prepares, warms up twice, then takes the time `repeat` times. Runs of less than a millisecond are
// timed several at once, so that on a GPU one is launched while the other runs; the time of one is
// their mean. Nothing when the provider does not offer the case.
std::optional<BenchResult> measure(Context& context, const BenchCase& which, int repeat,
                                   const Ceilings& ceilings);

}  // namespace lrcn
