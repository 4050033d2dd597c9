#include "kernels/cpu/plain_matmul.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "kernels/check_tensor.h"

namespace lrcn::cpu {
namespace {

// A block of c: so many rows times so many columns, whose sums stay in the nearest cache while k
// runs over all terms.
constexpr std::int64_t kRows = 4;
constexpr std::int64_t kColumns = 256;

class PlainMatmul final : public MatmulKernel {
 public:
  explicit PlainMatmul(const MatmulProblem& problem) : p_(problem) {}

  std::size_t packed_bytes() const override {
    return p_.pack_b ? std::size_t(p_.k * p_.n) * sizeof(float) : 0;
  }
  std::size_t scratch_bytes() const override { return 0; }

  // Nothing to gain from another order here: as stored.
  void pack(Context&, Tensor b, Tensor packed) const override {
    check_matmul_pack(p_, b, packed, packed_bytes());
    if (packed_bytes() > 0) {
      std::memcpy(packed.data, b.data, packed_bytes());
    }
  }

  void run(Context& context, const MatmulArguments& arguments) const override {
    check_devices("matmul", context.device(), arguments);
    check_matmul_run(p_, arguments, packed_bytes(), 0);
    const std::int64_t row_blocks = (p_.m + kRows - 1) / kRows;
    const std::int64_t column_blocks = (p_.n + kColumns - 1) / kColumns;
#pragma omp parallel for schedule(static) collapse(2) if (p_.m * p_.n * p_.k > 1 << 16)
    for (std::int64_t i = 0; i < row_blocks; ++i) {
      for (std::int64_t j = 0; j < column_blocks; ++j) {
        multiply_block(arguments, i * kRows, j * kColumns);
      }
    }
  }

 private:
  void multiply_block(const MatmulArguments& arguments, std::int64_t row,
                      std::int64_t column) const {
    const auto* a = static_cast<const float*>(arguments.a.data);
    const auto* b = static_cast<const float*>(arguments.b.data);
    const std::int64_t rows = std::min(kRows, p_.m - row);
    const std::int64_t columns = std::min(kColumns, p_.n - column);
    std::array<std::array<float, kColumns>, kRows> sums{};
    std::array<float, kColumns> b_row{};
    for (std::int64_t k = 0; k < p_.k; ++k) {
      const float* from = b + k * p_.n + column;
      if (p_.transpose_b) {
        for (std::int64_t j = 0; j < columns; ++j) {
          b_row[std::size_t(j)] = b[(column + j) * p_.k + k];
        }
        from = b_row.data();
      }
      for (std::int64_t i = 0; i < rows; ++i) {
        const float factor = p_.transpose_a ? a[k * p_.m + row + i] : a[(row + i) * p_.k + k];
        float* sum = sums[std::size_t(i)].data();
#pragma omp simd
        for (std::int64_t j = 0; j < columns; ++j) {
          sum[j] += factor * from[j];
        }
      }
    }
    for (std::int64_t i = 0; i < rows; ++i) {
      finish_row(arguments, row + i, column, columns, sums[std::size_t(i)].data());
    }
  }

  void finish_row(const MatmulArguments& arguments, std::int64_t row, std::int64_t column,
                  std::int64_t columns, const float* sums) const {
    float* c = arguments.c.as<float>() + row * p_.n + column;
    const float* bias = p_.bias ? arguments.bias.as<float>() + column : nullptr;
    for (std::int64_t j = 0; j < columns; ++j) {
      const float value =
          (p_.accumulate ? c[j] : 0.0f) + sums[j] + (bias != nullptr ? bias[j] : 0.0f);
      c[j] = p_.relu && value < 0.0f ? 0.0f : value;
    }
  }

  MatmulProblem p_;
};

}  // namespace

std::unique_ptr<MatmulKernel> plan_plain_matmul(const MatmulProblem& problem) {
  return std::make_unique<PlainMatmul>(problem);
}

}  // namespace lrcn::cpu
