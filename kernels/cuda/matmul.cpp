// Plans matrix products: which kernel, and into how many runs the terms are cut. Both depend on the
// problem alone, so that a product gives the same bits on every device.
#include "kernels/matmul.h"

#include <algorithm>

#include "core/cuda/stream.h"
#include "kernels/cuda/matmul_parts.h"

namespace lrcn::cuda {
namespace {

// Blocks that fill a large GPU (132 multiprocessors) twice. Fewer tiles are cut along their terms,
// but not into runs so short that writing and joining sums costs more than the run.
constexpr std::int64_t kBlocks = 264;
constexpr std::int64_t kShortestRun = 256;

std::int64_t divided(std::int64_t size, std::int64_t by) { return (size + by - 1) / by; }

TermSplit split_terms(std::int64_t k, std::int64_t tiles) {
  constexpr std::int64_t kMultiple = 16;
  const std::int64_t runs =
      std::clamp<std::int64_t>(k / kShortestRun, 1, std::max<std::int64_t>(1, kBlocks / tiles));
  const std::int64_t depth =
      divided(divided(std::max<std::int64_t>(k, 1), runs), kMultiple) * kMultiple;
  return {depth, unsigned(std::max<std::int64_t>(1, divided(k, depth)))};
}

class Matmul final : public MatmulKernel {
 public:
  explicit Matmul(const MatmulProblem& problem) : p_(problem) {
    constexpr std::int64_t kRowsColumns = 32;  // of a block of launch_matmul_rows
    if (p_.m == 0 || p_.n == 0) {
      return;
    }
    const auto tiles = [&](MatmulTile tile) {
      return divided(p_.m, std::int64_t(tile)) * divided(p_.n, std::int64_t(tile));
    };
    tile_ = tiles(MatmulTile::large) >= kBlocks / 2 ? MatmulTile::large : MatmulTile::small;
    split_ = split_terms(p_.k, has_few_rows() ? divided(p_.n, kRowsColumns) : tiles(tile_));
  }

  std::size_t packed_bytes() const override {
    return p_.pack_b ? std::size_t(p_.k * p_.n) * sizeof(float) : 0;
  }
  std::size_t scratch_bytes() const override {
    return split_.count > 1 ? split_.count * std::size_t(p_.m * p_.n) * sizeof(float) : 0;
  }

  // To [k, n].
  void pack(Context& context, Tensor b, Tensor packed) const override {
    check_matmul_pack(p_, b, packed, packed_bytes());
    if (p_.transpose_b) {
      launch_matmul_transpose(context, b.as<float>(), p_.n, p_.k, static_cast<float*>(packed.data));
    } else if (packed_bytes() > 0) {
      enqueue_copy(context, packed.data, b.data, packed_bytes());
    }
  }

  void run(Context& context, const MatmulArguments& arguments) const override {
    check_matmul_run(p_, arguments, packed_bytes(), scratch_bytes());
    MatmulCall call{.a = arguments.a.as<float>(),
                    .b = static_cast<const float*>(arguments.b.data),
                    .output = {.c = arguments.c.as<float>(), .m = p_.m, .n = p_.n},
                    .k = p_.k,
                    .split = split_,
                    .transpose_a = p_.transpose_a,
                    .transpose_b = p_.transpose_b && !p_.pack_b};
    call.output.bias = p_.bias ? arguments.bias.as<float>() : nullptr;
    call.output.partials = split_.count > 1 ? static_cast<float*>(arguments.scratch.data) : nullptr;
    call.output.accumulate = p_.accumulate;
    call.output.relu = p_.relu;
    launch_product(context, call);
    launch_matmul_join(context, call);
  }

 private:
  // Bound by reading b: rounding would not make them faster.
  bool has_few_rows() const { return p_.m <= kMatmulFewRows; }

  void launch_product(Context& context, const MatmulCall& call) const {
    if (has_few_rows()) {
      launch_matmul_rows(context, call);
    } else if (p_.precision == Precision::bf16) {
      launch_matmul_bf16(context, tile_, call);
    } else if (p_.precision == Precision::tf32) {
      launch_matmul_tf32(context, tile_, call);
    } else {
      launch_matmul_tiles(context, tile_, call);
    }
  }

  MatmulProblem p_;
  MatmulTile tile_ = MatmulTile::small;
  TermSplit split_;
};

}  // namespace

std::unique_ptr<MatmulKernel> plan_matmul(Context&, const MatmulProblem& problem) {
  check_matmul(problem);
  return std::make_unique<Matmul>(problem);
}

}  // namespace lrcn::cuda
