#include "kernels/matmul.h"

#include "kernels/check_tensor.h"

namespace lrcn {
namespace {

constexpr const char* kOp = "matmul";

Shape stored_b(const MatmulProblem& p) { return p.transpose_b ? Shape{p.n, p.k} : Shape{p.k, p.n}; }

void check_type(const char* name, DType dtype) {
  check(dtype == DType::f32 || dtype == DType::bf16, kOp, ": ", name, " must be f32 or bf16, got ",
        dtype);
}

}  // namespace

void check_matmul(const MatmulProblem& p) {
  check(p.m >= 0 && p.n >= 0 && p.k >= 0, kOp, ": sizes must be >= 0, got m ", p.m, ", n ", p.n,
        ", k ", p.k);
  check(!(p.relu && p.accumulate), kOp, ": relu and accumulate exclude each other");
  check_type("a", p.a_dtype);
  check_type("b", p.b_dtype);
  check_type("c", p.c_dtype);
  check(!(p.accumulate && p.c_dtype == DType::bf16), kOp,
        ": accumulate adds to c in f32, got bf16");
  check(p.precision == Precision::bf16 ||
            (p.a_dtype == DType::f32 && p.b_dtype == DType::f32 && p.c_dtype == DType::f32),
        kOp, ": bf16 in memory needs precision bf16, got a ", p.a_dtype, ", b ", p.b_dtype, ", c ",
        p.c_dtype, " and precision ", p.precision);
}

void check_matmul_of_floats(const MatmulProblem& p, const char* backend) {
  check(p.a_dtype == DType::f32 && p.b_dtype == DType::f32 && p.c_dtype == DType::f32, kOp,
        ": a, b and c must be f32 on ", backend, ", got ", p.a_dtype, ", ", p.b_dtype, ", ",
        p.c_dtype);
}

void check_matmul_pack(const MatmulProblem& p, const Tensor& b, const Tensor& packed,
                       std::size_t packed_bytes) {
  check(p.pack_b, kOp, ": pack was called, but pack_b is not set");
  check_plain(kOp, "b", b, p.b_dtype, stored_b(p));
  check_bytes(kOp, "packed", packed, packed_bytes);
}

void check_matmul_run(const MatmulProblem& p, const MatmulArguments& arguments,
                      std::size_t packed_bytes, std::size_t scratch_bytes) {
  const auto& [a, b, bias, c, scratch] = arguments;
  check_plain(kOp, "a", a, p.a_dtype, p.transpose_a ? Shape{p.k, p.m} : Shape{p.m, p.k});
  check_plain(kOp, "c", c, p.c_dtype, {p.m, p.n});
  check_bytes(kOp, "scratch", scratch, scratch_bytes);
  if (p.pack_b) {
    check_bytes(kOp, "packed b", b, packed_bytes);
  } else {
    check_plain(kOp, "b", b, p.b_dtype, stored_b(p));
  }
  if (p.bias) {
    check_plain(kOp, "bias", bias, DType::f32, {p.n});
  }
}

}  // namespace lrcn
