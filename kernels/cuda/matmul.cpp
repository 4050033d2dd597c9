// Plans matrix products: which kernel, and into how many runs the terms are cut. Both depend on the
// problem alone, so that a product gives the same bits on every device.
#include "kernels/matmul.h"

#include <algorithm>

#include "kernels/cuda/matmul_choice.h"
#include "kernels/cuda/matmul_parts.h"

namespace lrcn::cuda {
namespace {

// Blocks that fill a large GPU (132 multiprocessors) twice. Fewer tiles are cut along their terms,
// but not into runs so short that writing and joining sums costs more than the run.
constexpr std::int64_t kBlocks = 264;
constexpr std::int64_t kShortestRun = 256;

std::int64_t divided(std::int64_t size, std::int64_t by) { return (size + by - 1) / by; }

TermSplit split_terms(std::int64_t k, std::int64_t tiles) {
  constexpr std::int64_t kMultiple = 32;  // of the depths of all tiles
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
    if (on_tensor_cores()) {
      rounded_a_bytes_ = p_.a_dtype == DType::f32 ? aligned(narrow_bytes(stored_a())) : 0;
      rounded_b_bytes_ =
          p_.b_dtype == DType::f32 && !p_.pack_b ? aligned(narrow_bytes(p_.k * p_.n)) : 0;
    }
  }

  std::size_t packed_bytes() const override {
    return p_.pack_b ? std::size_t(p_.k * p_.n) * size_of(packed_dtype()) : 0;
  }
  std::size_t scratch_bytes() const override {
    const std::size_t partials =
        split_.count > 1 ? split_.count * std::size_t(p_.m * p_.n) * sizeof(float) : 0;
    return rounded_a_bytes_ + rounded_b_bytes_ + partials;
  }

  // To [k, n], and to bf16 for a product that reads bf16.
  void pack(Context& context, Tensor b, Tensor packed) const override {
    check_matmul_pack(p_, b, packed, packed_bytes());
    if (packed_bytes() == 0) {
      return;
    }
    const Tensor to{packed.data, {{p_.k, p_.n}, packed_dtype()}, context.device()};
    if (p_.transpose_b) {
      launch_matmul_transpose(context, factor_of(b), to);
    } else {
      launch_matmul_copy(context, factor_of(b), to);
    }
  }

  void run(Context& context, const MatmulArguments& arguments) const override {
    check_devices("matmul", context.device(), arguments);
    check_matmul_run(p_, arguments, packed_bytes(), scratch_bytes());
    auto* scratch = static_cast<std::byte*>(arguments.scratch.data);
    MatmulCall call{.a = factor_of(arguments.a),
                    .b = p_.pack_b ? MatmulFactor{arguments.b.data, packed_dtype(), p_.n}
                                   : factor_of(arguments.b),
                    .output = {.m = p_.m, .n = p_.n, .pitch = arguments.c.shape()[1]},
                    .k = p_.k,
                    .split = split_,
                    .transpose_a = p_.transpose_a,
                    .transpose_b = p_.transpose_b && !p_.pack_b};
    if (p_.limit != MatmulLimit::none) {
      MatmulCut& cut = p_.limit == MatmulLimit::rows ? call.output.cut : call.split.cut;
      cut = {arguments.limit.as<std::int32_t>(), arguments.limit_begin};
    }
    if (rounded_a_bytes_ > 0) {
      call.a = rounded(context, call.a, stored_a(), scratch);
    }
    if (rounded_b_bytes_ > 0) {
      call.b = rounded(context, call.b, p_.k * p_.n, scratch + rounded_a_bytes_);
    }
    MatmulOutput& output = call.output;
    if (p_.c_dtype == DType::f32) {
      output.c = arguments.c.as<float>();
    } else {
      output.narrow_c = arguments.c.as<BFloat16>();
    }
    output.pairs = output.pitch % 2 == 0 && is_aligned(arguments.c.data, 2 * size_of(p_.c_dtype));
    output.bias = p_.bias ? arguments.bias.as<float>() : nullptr;
    if (split_.count > 1) {
      output.partials = reinterpret_cast<float*>(scratch + rounded_a_bytes_ + rounded_b_bytes_);
    }
    output.accumulate = p_.accumulate;
    output.relu = p_.relu;
    launch_product(context, call);
    launch_matmul_join(context, call);
  }

 private:
  static std::size_t aligned(std::size_t bytes) { return (bytes + 63) / 64 * 64; }
  static std::size_t narrow_bytes(std::int64_t elements) {
    return std::size_t(elements) * sizeof(BFloat16);
  }
  static MatmulFactor factor_of(const Tensor& x) { return {x.data, x.spec.dtype, x.shape()[1]}; }
  std::int64_t stored_a() const { return matmul_a_shape(p_).elements(); }

  // Bound by reading b: rounding would not make them faster.
  bool has_few_rows() const { return p_.m <= kMatmulFewRows; }
  bool reads_bf16() const { return p_.a_dtype == DType::bf16 || p_.b_dtype == DType::bf16; }
  bool on_tensor_cores() const { return reads_bf16() && !has_few_rows(); }
  DType packed_dtype() const { return reads_bf16() ? DType::bf16 : DType::f32; }

  // A pass over the smaller part of what the product reads, and of half its bytes: kernels for
  // mixed types would read the f32 factor once for every tile.
  static MatmulFactor rounded(Context& context, const MatmulFactor& factor, std::int64_t elements,
                              std::byte* to) {
    const Tensor narrow{to, {{elements}, DType::bf16}, context.device()};
    launch_matmul_copy(context, factor, narrow);
    return {to, DType::bf16, factor.pitch};
  }

  void launch_product(Context& context, const MatmulCall& call) const {
    if (has_few_rows()) {
      launch_matmul_rows(context, call);
    } else if (reads_bf16()) {
      launch_matmul_narrow(context, tile_, call);
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
  std::size_t rounded_a_bytes_ = 0;  // of a factor that is f32 beside one that is bf16, in scratch
  std::size_t rounded_b_bytes_ = 0;
};

}  // namespace

std::unique_ptr<MatmulKernel> plan_own_matmul(Context&, const MatmulProblem& problem) {
  check_matmul(problem);
  return std::make_unique<Matmul>(problem);
}

}  // namespace lrcn::cuda
