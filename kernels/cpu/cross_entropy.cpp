#include "kernels/cross_entropy.h"

#include <cmath>

#include "kernels/cpu/parallel.h"
#include "kernels/cpu/softmax_row.h"

namespace lrcn::cpu {
namespace {

struct Totals {
  double loss = 0.0;
  std::int64_t correct = 0;
};

// x: [size], becomes (softmax - onehot) scale when asked for. Returns -log p(target).
double row_loss(float* x, std::int64_t size, std::int32_t target, float scale, bool gradient) {
  const float largest = row_max(x, size);
  const float of_target = x[target];
  if (!gradient) {
    return double(largest) + std::log(row_exp_sum(x, size, largest)) - double(of_target);
  }
  const double sum = row_exp(x, size, largest, x);
  const float factor = float(double(scale) / sum);
#pragma omp simd
  for (std::int64_t v = 0; v < size; ++v) {
    x[v] *= factor;
  }
  x[target] -= scale;
  return double(largest) + std::log(sum) - double(of_target);
}

}  // namespace

void cross_entropy(Context&, const CrossEntropyArguments& arguments,
                   const CrossEntropyOptions& options) {
  const std::int64_t size = check_cross_entropy(arguments, options);
  const std::int64_t rows = arguments.logits.shape()[0];
  const std::int64_t pitch = arguments.logits.shape()[1];
  float* logits = arguments.logits.as<float>();
  const std::int32_t* targets = arguments.targets.as<std::int32_t>();
  float* row_nll = arguments.row_nll ? arguments.row_nll.as<float>() : nullptr;
  float scale = options.scale;
  if (arguments.count) {
    scale /= float(std::max<std::int32_t>(1, *arguments.count.as<std::int32_t>()));
  }
  if (arguments.factor) {
    scale *= *arguments.factor.as<float>();
  }

  const auto part = [&](std::int64_t begin, std::int64_t end) {
    Totals totals;
    for (std::int64_t m = begin; m < end; ++m) {
      float* x = logits + m * pitch;
      const std::int32_t target = targets[m];
      double nll = 0.0;
      if (target == options.ignore_label) {
        if (options.gradient && options.clear_ignored) {
          std::fill(x, x + size, 0.0f);
        }
      } else {
        if (arguments.correct) {
          totals.correct += first_equal(x, size, row_max(x, size)) == target;
        }
        nll = row_loss(x, size, target, scale, options.gradient);
      }
      totals.loss += nll;
      if (row_nll != nullptr) {
        row_nll[m] = float(nll);
      }
    }
    return totals;
  };
  const Totals totals =
      reduce_chunks<Totals>(rows, row_chunk(size), part, [](const Totals& a, const Totals& b) {
        return Totals{a.loss + b.loss, a.correct + b.correct};
      });

  float* loss = arguments.loss.as<float>();
  *loss = float(totals.loss + (options.accumulate ? double(*loss) : 0.0));
  if (arguments.correct) {
    std::int32_t* correct = arguments.correct.as<std::int32_t>();
    *correct = std::int32_t(totals.correct) + (options.accumulate ? *correct : 0);
  }
}

}  // namespace lrcn::cpu
