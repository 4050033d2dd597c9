#include "kernels/cpu/skinny_matmul.h"

#include <algorithm>

#include "kernels/cpu/panel_product.h"

namespace lrcn::cpu {
namespace {

constexpr int kVectors = 2;
constexpr int kPanel = kVectors * kLanes;  // columns of a panel of b

struct Epilogue {
  const float* bias;  // of the panel's columns, or nullptr
  bool accumulate;
  bool relu;
  std::int64_t columns;  // of the panel that exist
};

// Writes one row of a tile.
inline void store_row(const Vector (&sums)[kVectors], const Epilogue& epilogue, float* c) {
  float row[kPanel];
  store(row, sums[0]);
  store(row + kLanes, sums[1]);
  for (std::int64_t j = 0; j < epilogue.columns; ++j) {
    float value = row[j];
    value += epilogue.bias != nullptr ? epilogue.bias[j] : 0.0f;
    value += epilogue.accumulate ? c[j] : 0.0f;
    c[j] = epilogue.relu && value < 0.0f ? 0.0f : value;
  }
}

template <class Word>
class SkinnyMatmul final : public MatmulKernel {
 public:
  explicit SkinnyMatmul(const MatmulProblem& problem) : problem_(problem) {}

  std::size_t packed_bytes() const override {
    return std::size_t(panels() * problem_.k * kWords) * sizeof(Word);
  }
  std::size_t scratch_bytes() const override { return 0; }

  void pack(Context&, Tensor b, Tensor packed) const override {
    const std::int64_t n = problem_.n;
    const std::int64_t k = problem_.k;
    check_matmul_pack(problem_, b, packed, packed_bytes());
    const std::int64_t of_column = problem_.transpose_b ? k : 1;
    const std::int64_t of_row = problem_.transpose_b ? 1 : n;
    const float* from = b.as<float>();
    auto* to = static_cast<Word*>(packed.data);
#pragma omp parallel for schedule(static)
    for (std::int64_t p = 0; p < panels(); ++p) {
      const std::int64_t columns = std::min<std::int64_t>(kPanel, n - p * kPanel);
      Word* panel = to + p * k * kWords;
      for (std::int64_t i = 0; i < k; ++i) {
        const float* row = from + i * of_row + p * kPanel * of_column;
        for (int j = 0; j < kPanel; ++j) {
          store_weight<kVectors>(panel + i * kWords, j, j < columns ? row[j * of_column] : 0.0f);
        }
      }
    }
  }

  void run(Context& context, const MatmulArguments& arguments) const override {
    check_devices("matmul", context.device(), arguments);
    const std::int64_t m = problem_.m;
    const std::int64_t n = problem_.n;
    const std::int64_t k = problem_.k;
    check_matmul_run(problem_, arguments, packed_bytes(), scratch_bytes());
    const float* a = arguments.a.as<float>();
    const float* bias = problem_.bias ? arguments.bias.as<float>() : nullptr;
    const auto* packed = static_cast<const Word*>(arguments.b.data);
    float* c = arguments.c.as<float>();
#pragma omp parallel for schedule(static) if (m * n * k >= 65536)
    for (std::int64_t p = 0; p < panels(); ++p) {
      const std::int64_t column = p * kPanel;
      const Word* panel = packed + p * k * kWords;
      const Epilogue epilogue{bias == nullptr ? nullptr : bias + column, problem_.accumulate,
                              problem_.relu, std::min<std::int64_t>(kPanel, n - column)};
      for_row_tiles(m, kTileRows, [&](std::int64_t begin, std::int64_t rows) {
        with_constant<kTileRows>(rows, [&](auto constant) {
          constexpr int kRows = constant;
          PanelSums<kRows, kVectors> sums;
          multiply_panel(k, a + begin * k, k, panel, sums);
          for (int r = 0; r < kRows; ++r) {
            store_row(sums.value[r], epilogue, c + (begin + r) * n + column);
          }
        });
      });
    }
  }

 private:
  static constexpr int kWords = kPanelWords<kVectors, Word>;

  std::int64_t panels() const { return (problem_.n + kPanel - 1) / kPanel; }

  MatmulProblem problem_;
};

}  // namespace

std::unique_ptr<MatmulKernel> plan_skinny_matmul(const MatmulProblem& problem,
                                                 PackedWeights weights) {
  check_matmul(problem);
  check_matmul_of_floats(problem, "the CPU");
  check(problem.pack_b && !problem.transpose_a,
        "matmul: few rows need pack_b and an untransposed a");
  if (weights == PackedWeights::bf16) {
    return std::make_unique<SkinnyMatmul<std::uint32_t>>(problem);
  }
  return std::make_unique<SkinnyMatmul<float>>(problem);
}

}  // namespace lrcn::cpu
