#include "tools/bench/ceilings.h"

#include <omp.h>

#include <algorithm>
#include <functional>
#include <limits>

#include "core/stopwatch.h"
#include "kernels/elementwise.h"
#include "kernels/matmul.h"
#include "tools/bench/operands.h"

namespace lrcn {
namespace {

constexpr int kRuns = 4;

// Seconds of the best of some runs; the first only warms up.
double best_seconds(Context& context, int runs, const std::function<void()>& run) {
  Stopwatch stopwatch(context);
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i <= runs; ++i) {
    stopwatch.start();
    run();
    const double milliseconds = stopwatch.stop();
    best = i > 0 ? std::min(best, milliseconds * 1e-3) : best;
  }
  return std::max(best, 1e-9);
}

double copy_ceiling(Context& context, std::int64_t bytes) {
  const TensorSpec spec{{bytes}, DType::u8};
  const OwnedTensor from = touched_tensor(context, spec);
  const OwnedTensor to = touched_tensor(context, spec);
  const double seconds =
      best_seconds(context, kRuns, [&] { copy_to(context, from.tensor, to.tensor); });
  return 2e-9 * double(bytes) / seconds;
}

double product_ceiling(Context& context, std::int64_t extent) {
  const auto product = plan_matmul(
      context, {.m = extent, .n = extent, .k = extent, .precision = context.precision()});
  const TensorSpec square{{extent, extent}};
  const OwnedTensor a = random_tensor(context, square, 1.0f, 0);
  const OwnedTensor b = random_tensor(context, square, 1.0f, 1);
  const OwnedTensor c = touched_tensor(context, square);
  const OwnedTensor scratch = touched_bytes(context, product->scratch_bytes());
  const double seconds = best_seconds(context, kRuns, [&] {
    product->run(
        context,
        {.a = a.tensor, .b = b.tensor, .bias = {}, .c = c.tensor, .scratch = scratch.tensor});
  });
  return 2e-9 * double(extent) * double(extent) * double(extent) / seconds;
}

double fma_ceiling(Context& context, std::int64_t rounds) {
  // Enough independent sums to fill the pipelines of both units of any current processor.
  constexpr int kSums = 12;
  constexpr int kLanes = 16;
  typedef float Vector __attribute__((vector_size(kLanes * sizeof(float))));
  float sink = 0;
  const double seconds = best_seconds(context, kRuns, [&] {
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
      for (std::int64_t round = 0; round < rounds; ++round) {
        for (Vector& sum : sums) {
          sum = sum * factor + factor;
        }
      }
      for (const Vector& sum : sums) {
        sink += sum[0];
      }
    }
  });
  volatile float kept = sink;  // the sums are not optimised away
  (void)kept;
  return 2e-9 * kLanes * kSums * double(rounds) * omp_get_max_threads() / seconds;
}

}  // namespace

CeilingSizes ceiling_sizes(Device device) {
  if (!has_real_time(device)) {
    return {.copy_bytes = 1 << 20, .product_extent = 32};
  }
  const auto copy_bytes =
      std::max<std::int64_t>(std::int64_t(128) << 20, 4 * std::int64_t(last_level_cache(device)));
  if (device.is_cuda()) {
    return {.copy_bytes = copy_bytes, .product_extent = 8192};
  }
  return {.copy_bytes = copy_bytes, .product_extent = 1536, .fma_rounds = 4'000'000};
}

Ceilings measure_ceilings(Context& context, const CeilingSizes& sizes) {
  Ceilings ceilings;
  ceilings.copy_gb_per_second = copy_ceiling(context, sizes.copy_bytes);
  ceilings.product_gflop_per_second = product_ceiling(context, sizes.product_extent);
  if (context.device().is_cpu()) {
    ceilings.fma_gflop_per_second = fma_ceiling(context, sizes.fma_rounds);
  }
  return ceilings;
}

}  // namespace lrcn
