#include "kernels/rows.h"

#include "kernels/masked_loss.h"
#include "tests/kernels/cuda/cuda_agreement.h"

namespace lrcn::test {
namespace {

using Ints = std::vector<std::int32_t>;

class CudaRows : public CudaAgreement, public testing::WithParamInterface<std::int64_t> {
 protected:
  std::int64_t size() const { return GetParam(); }

  // Every third row is ignored, and most of the first hundred.
  Ints targets() const {
    Ints targets(static_cast<std::size_t>(size()));
    for (std::size_t r = 0; r < targets.size(); ++r) {
      const bool ignored = r % 3 == 0 || (r < 100 && r % 7 != 0);
      targets[r] = ignored ? -1 : std::int32_t(r * 13 % 1000);
    }
    return targets;
  }
  // Rows of x in another order, some of them -1.
  Ints chosen() const {
    Ints rows(static_cast<std::size_t>(size()));
    for (std::size_t m = 0; m < rows.size(); ++m) {
      rows[m] = m % 5 == 2 ? -1 : std::int32_t(rows.size() - 1 - m);
    }
    return rows;
  }
};

TEST_P(CudaRows, CompactsInOrder) {
  Twin& target = integers({size()}, targets());
  Twin& rows = blank({{size()}, DType::i32});
  Twin& count = blank({{1}, DType::i32});
  Twin& labels = blank({{size()}, DType::i32});
  run([&](Context& context, auto on) {
    compact_rows(context, on(target), -1, on(rows), on(count));
    gather_labels(context, on(target), on(rows), -7, on(labels));
  });
  expect_same(rows);
  expect_same(count);
  expect_same(labels);
}

TEST_P(CudaRows, GathersAndScatters) {
  for (const auto& [dtype, width] :
       std::vector<std::pair<DType, std::int64_t>>{{DType::f32, 0},
                                                   {DType::f32, 1},
                                                   {DType::f32, 33},
                                                   {DType::bf16, 0},
                                                   {DType::bf16, 1},
                                                   {DType::bf16, 33},
                                                   {DType::bf16, 34}}) {
    SCOPED_TRACE(testing::Message() << dtype << ' ' << width);
    Twin& rows = integers({size()}, chosen());
    Twin& x = random({{size(), width}, dtype}, 1);
    Twin& gathered = blank({{size(), width}, dtype});
    Twin& scattered = blank({{size() + 3, width}, dtype});
    Twin& numbers = integers({size()}, chosen());
    Twin& moved = blank({{size()}, DType::i32});
    run([&](Context& context, auto on) {
      gather_rows(context, on(x), on(rows), on(gathered));
      scatter_rows(context, on(x), on(rows), on(scattered));
      gather_rows(context, on(numbers), on(rows), on(moved));
    });
    expect_same(gathered);
    expect_same(scattered);
    expect_same(moved);
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, CudaRows, testing::ValuesIn(kCudaSizes));

using CudaRowsViews = CudaAgreement;

TEST_F(CudaRowsViews, RowsOfBf16NeedNoAlignment) {
  Twin& rows = integers({3}, {2, -1, 0});
  Twin& x = random({{25}, DType::bf16}, 1);
  Twin& y = blank({{13}, DType::bf16});
  run([&](Context& context, auto on) {
    gather_rows(context, on(x).rows(1, 25).reshaped({6, 4}), on(rows),
                on(y).rows(1, 13).reshaped({3, 4}));
  });
  expect_same(y);
}

TEST_F(CudaRowsViews, MixedTypesAndBf16OnTheCpuAreRefused) {
  const Twin& rows = integers({2}, {0, 1});
  const Tensor wide = blank({{2, 3}}).cuda.tensor;
  const Tensor narrow = blank({{2, 3}, DType::bf16}).cuda.tensor;
  EXPECT_THROW(gather_rows(cuda_context(), narrow, rows.cuda.tensor, wide), ArgumentError);
  EXPECT_THROW(scatter_rows(cuda_context(), wide, rows.cuda.tensor, narrow), ArgumentError);
  const OwnedTensor x(Device::cpu(), {{2, 3}, DType::bf16});
  EXPECT_THROW(gather_rows(cpu_context(), x.tensor, rows.cpu.tensor, x.tensor), ArgumentError);
}

using CudaMaskedLoss = CudaAgreement;

TEST_F(CudaMaskedLoss, DividesByTheRowsThatCount) {
  for (const std::int32_t counted : {0, 1, 3}) {
    Twin& sum = floats({{1}}, {2.5f});
    Twin& count = integers({1}, {counted});
    Twin& correct = integers({1}, {2});
    Twin& loss = blank({{1}});
    Twin& tally = blank({{2}});
    run([&](Context& context, auto on) {
      mean_loss(context, {on(sum), on(count), on(correct)}, on(loss), on(tally));
    });
    expect_same(loss);
    expect_same(tally);
  }
}

}  // namespace
}  // namespace lrcn::test
