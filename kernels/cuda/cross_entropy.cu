// Softmax cross-entropy: a block takes row after row, and one block adds what the others have
// found.
#include <cmath>
#include <limits>

#include "kernels/cross_entropy.h"
#include "kernels/cuda/grid_size.h"
#include "kernels/cuda/launch.h"
#include "kernels/cuda/partials.h"
#include "kernels/cuda/softmax_row.h"

namespace lrcn::cuda {
namespace {

struct Totals {
  double loss;
  std::int64_t correct;
};

struct TotalsAdded {
  __device__ Totals operator()(const Totals& a, const Totals& b) const {
    return {a.loss + b.loss, a.correct + b.correct};
  }
};

template <class T>
struct Rows {
  T* logits;                    // [M, pitch], of which V columns are used
  const std::int32_t* targets;  // [M]
  const std::int32_t* count;    // [1] or absent
  const float* factor;          // [1] or absent
  float* row_nll;               // [M] or absent
  std::int64_t rows;
  std::int64_t width;  // V
  std::int64_t pitch;
  bool wide;  // rows begin at multiples of 16 bytes
};

// The largest element of a row, and which is the first of them; NaN is passed over.
struct Largest {
  float value;
  std::int64_t place;
};

struct LargerOrFirst {
  __device__ Largest operator()(const Largest& a, const Largest& b) const {
    return b.value > a.value || (b.value == a.value && b.place < a.place) ? b : a;
  }
};

// -inf at `width` for a row of NaN.
template <class T>
__device__ Largest largest_of(const Rows<T>& rows, const T* x, void* scratch) {
  Largest largest{-std::numeric_limits<float>::infinity(), rows.width};
  each_of_row(x, rows.width, rows.wide, [&](std::int64_t v, float value) {
    largest = LargerOrFirst()(largest, {value, v});
  });
  return block_reduce(largest, scratch, LargerOrFirst());
}

// nll = max + log sum_v exp(x_v - max) - x_t. With a gradient x becomes (softmax - onehot) scale.
template <class T>
__device__ double row_loss(const Rows<T>& rows, T* x, std::int64_t target, float largest,
                           const CrossEntropyOptions& options, void* scratch) {
  const float of_target = load(x + target);
  const double sum = row_exp_sum(x, rows.width, largest, scratch, rows.wide);
  if (options.gradient) {
    const float factor = float(double(options.scale) / sum);
    change_row(x, rows.width, rows.wide, [&](std::int64_t v, float value) {
      const float probability = vector_exp(value - largest) * factor;
      return v == target ? probability - options.scale : probability;
    });
  }
  return double(largest) + std::log(sum) - double(of_target);
}

template <class T>
__global__ void cross_entropy_kernel(Rows<T> rows, CrossEntropyOptions options, Totals* partials) {
  void* scratch = dynamic_shared<void>();
  if (rows.count != nullptr) {
    options.scale /= float(*rows.count < 1 ? 1 : *rows.count);
  }
  if (rows.factor != nullptr) {
    options.scale *= *rows.factor;
  }
  Totals totals{0.0, 0};
  for (std::int64_t m = blockIdx.x; m < rows.rows; m += gridDim.x) {
    T* x = rows.logits + m * rows.pitch;
    const std::int32_t target = rows.targets[m];
    double nll = 0.0;
    if (target != options.ignore_label) {
      const Largest largest = largest_of(rows, x, scratch);
      totals.correct += largest.place == target ? 1 : 0;
      nll = row_loss(rows, x, target, largest.value, options, scratch);
    } else if (options.gradient && options.clear_ignored) {
      change_row(x, rows.width, rows.wide, [](std::int64_t, float) { return 0.0f; });
    }
    totals.loss += nll;
    if (rows.row_nll != nullptr && threadIdx.x == 0) {
      rows.row_nll[m] = float(nll);
    }
  }
  if (threadIdx.x == 0) {
    partials[blockIdx.x] = totals;
  }
}

// One block.
__global__ void total_loss_kernel(const Totals* partials, unsigned count, bool accumulate,
                                  float* loss, std::int32_t* correct) {
  Totals totals{0.0, 0};
  for (unsigned i = threadIdx.x; i < count; i += blockDim.x) {
    totals = TotalsAdded()(totals, partials[i]);
  }
  totals = block_reduce(totals, dynamic_shared<void>(), TotalsAdded());
  if (threadIdx.x == 0) {
    *loss = float(totals.loss + (accumulate ? double(*loss) : 0.0));
    if (correct != nullptr) {
      *correct = std::int32_t(totals.correct) + (accumulate ? *correct : 0);
    }
  }
}

template <class T>
T* optional(const Tensor& x) {
  return x ? x.as<T>() : nullptr;
}

}  // namespace

void cross_entropy(Context& context, const CrossEntropyArguments& arguments,
                   const CrossEntropyOptions& options) {
  const std::int64_t classes = check_cross_entropy(arguments, options);
  const Tensor& logits = arguments.logits;
  auto* partials = context.handle<Partials>().as<Totals>();
  const unsigned blocks = blocks_for(logits.shape()[0], 1, Partials::kMost);
  with_element(logits.spec.dtype, [&]<class T>(T) {
    const Rows<T> rows{.logits = logits.as<T>(),
                       .targets = arguments.targets.as<std::int32_t>(),
                       .count = optional<std::int32_t>(arguments.count),
                       .factor = optional<float>(arguments.factor),
                       .row_nll = optional<float>(arguments.row_nll),
                       .rows = logits.shape()[0],
                       .width = classes,
                       .pitch = logits.shape()[1],
                       .wide = has_wide_rows(logits.as<T>(), logits.shape()[1])};
    launch(context, blocks, row_threads(rows.width), kReduceBytes, cross_entropy_kernel<T>, rows,
           options, partials);
  });
  launch(context, 1, 256, kReduceBytes, total_loss_kernel, partials, blocks, options.accumulate,
         arguments.loss.as<float>(), optional<std::int32_t>(arguments.correct));
}

}  // namespace lrcn::cuda
