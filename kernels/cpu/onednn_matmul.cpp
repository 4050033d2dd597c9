// Matrix products by oneDNN: its matmul primitive, or its sgemm where that is faster.
#include "kernels/cpu/onednn_matmul.h"

#include <algorithm>
#include <limits>

#include "kernels/cpu/onednn.h"

namespace lrcn::cpu {
namespace {

constexpr const char* kOp = "matmul";

// Measured on AVX-512 with b from 1 to 400 MB. Without packing the primitive rearranges b in every
// run, which pays from four rows on, and a product of few terms is bound by the traffic of c, where
// sgemm is better.
constexpr std::int64_t kSgemmRows = 3;
constexpr std::int64_t kSgemmTerms = 16;

class Matmul : public MatmulKernel {
 public:
  explicit Matmul(const MatmulProblem& problem) : p_(problem) {}

  std::size_t packed_bytes() const override { return packed_bytes_; }
  std::size_t scratch_bytes() const override { return scratch_bytes_; }

  void pack(Context&, Tensor b, Tensor packed) const final {
    check_matmul_pack(p_, b, packed, packed_bytes_);
    if (packed_bytes_ > 0) {
      pack_b(b.data, packed.data);
    }
  }

  void run(Context& context, const MatmulArguments& arguments) const final {
    check_devices("matmul", context.device(), arguments);
    check_matmul_run(p_, arguments, packed_bytes_, scratch_bytes_);
    multiply(arguments);
  }

 protected:
  virtual void pack_b(void* b, void* packed) const = 0;
  virtual void multiply(const MatmulArguments& arguments) const = 0;

  // c = act(c + bias)
  void finish(const Tensor& bias, const Tensor& c) const {
    const float* b = p_.bias ? bias.as<float>() : nullptr;
    float* rows = c.as<float>();
    const std::int64_t n = p_.n;
    const float floor = p_.relu ? 0.0f : -std::numeric_limits<float>::infinity();
#pragma omp parallel for schedule(static) if (p_.m * n > 1 << 16)
    for (std::int64_t i = 0; i < p_.m; ++i) {
      float* row = rows + i * n;
      for (std::int64_t j = 0; j < n; ++j) {
        const float value = row[j] + (b != nullptr ? b[j] : 0.0f);
        row[j] = value < floor ? floor : value;
      }
    }
  }

  MatmulProblem p_;
  std::size_t packed_bytes_ = 0;
  std::size_t scratch_bytes_ = 0;
};

class Sgemm final : public Matmul {
 public:
  using Matmul::Matmul;

 private:
  void pack_b(void*, void*) const override {}  // not planned with pack_b

  void multiply(const MatmulArguments& arguments) const override {
    float* c = arguments.c.as<float>();
    const dnnl_status_t status =
        dnnl_sgemm(p_.transpose_a ? 'T' : 'N', p_.transpose_b ? 'T' : 'N', p_.m, p_.n, p_.k, 1.0f,
                   arguments.a.as<float>(), p_.transpose_a ? p_.m : p_.k, arguments.b.as<float>(),
                   p_.transpose_b ? p_.k : p_.n, p_.accumulate ? 1.0f : 0.0f, c, p_.n);
    if (status != dnnl_success) {
      fail_onednn(kOp, dnnl::error(status, "sgemm failed"));
    }
    if (p_.bias || p_.relu) {
      finish(arguments.bias, arguments.c);
    }
  }
};

class PrimitiveMatmul final : public Matmul {
 public:
  PrimitiveMatmul(OneDnn& dnn, const MatmulProblem& problem);

 private:
  void pack_b(void* b, void* packed) const override { pack_.primitive.run({b, packed, nullptr}); }
  void multiply(const MatmulArguments& arguments) const override {
    product_.run({arguments.a.data, arguments.b.data, arguments.bias.data, arguments.c.data,
                  arguments.scratch.data});
  }

  Primitive product_;
  ReorderPrimitive pack_;
};

PrimitiveMatmul::PrimitiveMatmul(OneDnn& dnn, const MatmulProblem& problem) : Matmul(problem) {
  using Desc = dnnl::memory::desc;
  using Tag = dnnl::memory::format_tag;
  constexpr auto kF32 = dnnl::memory::data_type::f32;
  const Desc a({p_.m, p_.k}, kF32, p_.transpose_a ? Tag::ba : Tag::ab);
  const Desc plain_b({p_.k, p_.n}, kF32, p_.transpose_b ? Tag::ba : Tag::ab);
  const Desc b = p_.pack_b ? Desc({p_.k, p_.n}, kF32, Tag::any) : plain_b;
  const Desc c({p_.m, p_.n}, kF32, Tag::ab);

  dnnl::post_ops after;
  if (p_.accumulate) {
    after.append_sum(1.0f);
  }
  if (p_.relu) {
    after.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, 0.0f, 0.0f);
  }
  dnnl::primitive_attr attributes = user_scratch();
  attributes.set_post_ops(after);
  const dnnl::matmul::desc desc = p_.bias
                                      ? dnnl::matmul::desc(a, b, Desc({1, p_.n}, kF32, Tag::ab), c)
                                      : dnnl::matmul::desc(a, b, c);
  const dnnl::matmul::primitive_desc chosen(desc, attributes, dnn.engine);
  product_ = Primitive(kOp, dnn, dnnl::matmul(chosen),
                       {{DNNL_ARG_SRC, chosen.src_desc()},
                        {DNNL_ARG_WEIGHTS, chosen.weights_desc()},
                        {DNNL_ARG_BIAS, chosen.bias_desc()},
                        {DNNL_ARG_DST, chosen.dst_desc()},
                        {DNNL_ARG_SCRATCHPAD, chosen.scratchpad_desc()}});
  scratch_bytes_ = chosen.scratchpad_desc().get_size();
  if (p_.pack_b) {
    packed_bytes_ = chosen.weights_desc().get_size();
    pack_ = make_reorder(kOp, dnn, plain_b, chosen.weights_desc());
    check<DeviceError>(pack_.scratch_bytes == 0, kOp,
                       ": packing needs scratch memory, which pack() does not have");
  }
}

}  // namespace

std::unique_ptr<MatmulKernel> plan_onednn_matmul(Context& context, const MatmulProblem& problem) {
  const auto& p = problem;
  return with_onednn(kOp, [&]() -> std::unique_ptr<MatmulKernel> {
    if (!p.pack_b && (p.m <= kSgemmRows || p.k <= kSgemmTerms)) {
      return std::make_unique<Sgemm>(p);
    }
    return std::make_unique<PrimitiveMatmul>(context.handle<OneDnn>(), p);
  });
}

}  // namespace lrcn::cpu
