// Softmax cross-entropy over the rows of a batch of captions, its gradient in place of the scores.
#include <algorithm>
#include <array>
#include <memory>

#include "core/error.h"
#include "core/rng.h"
#include "core/transfer.h"
#include "kernels/cross_entropy.h"
#include "layers/planner.h"
#include "tools/bench/benchmark.h"
#include "tools/bench/operands.h"
#include "tools/bench/shape_list.h"

namespace lrcn {
namespace {

constexpr std::int32_t kIgnored = -1;
constexpr std::array<ShapeColumn, 3> kColumns = {
    {{"rows"}, {"classes"}, {"ignored_percent", 0, 100}}};

struct LossSize {
  std::int64_t rows, classes, ignored_percent;
};

struct Operands {
  OwnedTensor logits, targets, loss;
};

// Targets of `ignored_percent` of the rows, spread evenly, do not count.
std::vector<std::int32_t> draw_targets(const LossSize& size) {
  const Random random(1, Purpose::generate);
  std::vector<std::int32_t> targets(std::size_t(size.rows), kIgnored);
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const std::int64_t place = std::int64_t(i) * size.ignored_percent;
    const bool counts = place / 100 == (place + size.ignored_percent) / 100;
    targets[i] = counts ? std::int32_t(random.below(std::uint32_t(size.classes), 0, i)) : kIgnored;
  }
  return targets;
}

PreparedCase prepare(Context& context, const LossSize& size) {
  const std::vector<std::int32_t> targets = draw_targets(size);
  const double counted = double(size.rows - std::count(targets.begin(), targets.end(), kIgnored));
  const TensorSpec logits{{size.rows, size.classes}, activation_dtype(context)};
  PreparedCase prepared;
  prepared.items = double(size.rows);
  prepared.unit = "rows";
  // Every gradient is written; the scores of rows that do not count are not read.
  prepared.bytes =
      double(size_of(logits.dtype)) * double(size.classes) * (counted + double(size.rows));
  auto held = std::make_shared<Rotation<Operands>>(context.device(), logits.bytes(), [&] {
    Operands set{random_tensor(context, logits, 4.0f, 0),
                 touched_tensor(context, {{size.rows}, DType::i32}),
                 touched_tensor(context, {{1}})};
    upload(set.targets.tensor, targets.data());
    return set;
  });
  prepared.run = [held, &context] {
    const Operands& set = held->next();
    cross_entropy(
        context,
        {.logits = set.logits.tensor, .targets = set.targets.tensor, .loss = set.loss.tensor},
        {.ignore_label = kIgnored});
  };
  return prepared;
}

}  // namespace

std::vector<BenchCase> loss_cases(const BenchRequest& request) {
  const std::vector<std::string> own = {"captions"};
  std::vector<BenchCase> cases;
  for (const std::string& list : request.shapes.empty() ? own : request.shapes) {
    for (const ShapeRow& row : read_shapes(find_shapes("loss", list), false, kColumns)) {
      const LossSize size{row.values[0], row.values[1], row.values[2]};
      cases.push_back(
          {"loss", concat('M', size.rows, "-V", size.classes, "-ignored", size.ignored_percent),
           [=](Context& context) { return prepare(context, size); }, "forward+backward", "fused"});
    }
  }
  return cases;
}

}  // namespace lrcn
