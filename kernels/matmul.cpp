#include "kernels/matmul.h"

#include "kernels/check_tensor.h"

namespace lrcn {
namespace {

constexpr const char* kOp = "matmul";

void check_type(const char* name, DType dtype) {
  check(dtype == DType::f32 || dtype == DType::bf16, kOp, ": ", name, " must be f32 or bf16, got ",
        dtype);
}

void check_pitch(const char* name, std::int64_t pitch, std::int64_t columns) {
  check(pitch == 0 || pitch >= columns, kOp, ": ", name, "_pitch must be 0 or >= ", columns,
        ", got ", pitch);
}

}  // namespace

Shape matmul_a_shape(const MatmulProblem& p) {
  const std::int64_t columns = p.transpose_a ? p.m : p.k;
  return {p.transpose_a ? p.k : p.m, p.a_pitch > 0 ? p.a_pitch : columns};
}

Shape matmul_b_shape(const MatmulProblem& p) {
  return p.transpose_b ? Shape{p.n, p.k} : Shape{p.k, p.n};
}

Shape matmul_c_shape(const MatmulProblem& p) { return {p.m, p.c_pitch > 0 ? p.c_pitch : p.n}; }

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
  check_pitch("a", p.a_pitch, p.transpose_a ? p.m : p.k);
  check_pitch("c", p.c_pitch, p.n);
  check(p.limit != MatmulLimit::terms || (p.transpose_a && !p.transpose_b && !p.pack_b), kOp,
        ": a limit of terms needs them as rows of a and b, which are stored otherwise");
}

void check_matmul_of_floats(const MatmulProblem& p, const char* backend) {
  check(p.a_dtype == DType::f32 && p.b_dtype == DType::f32 && p.c_dtype == DType::f32, kOp,
        ": a, b and c must be f32 on ", backend, ", got ", p.a_dtype, ", ", p.b_dtype, ", ",
        p.c_dtype);
  check(p.a_pitch == 0 && p.c_pitch == 0 && p.limit == MatmulLimit::none, kOp,
        ": pitches and limits are not known on ", backend);
}

void check_matmul_pack(const MatmulProblem& p, const Tensor& b, const Tensor& packed,
                       std::size_t packed_bytes) {
  check(p.pack_b, kOp, ": pack was called, but pack_b is not set");
  check_plain(kOp, "b", b, p.b_dtype, matmul_b_shape(p));
  check_bytes(kOp, "packed", packed, packed_bytes);
}

void check_matmul_run(const MatmulProblem& p, const MatmulArguments& arguments,
                      std::size_t packed_bytes, std::size_t scratch_bytes) {
  const auto& [a, b, bias, c, scratch, limit, limit_begin] = arguments;
  check_plain(kOp, "a", a, p.a_dtype, matmul_a_shape(p));
  check_plain(kOp, "c", c, p.c_dtype, matmul_c_shape(p));
  check_bytes(kOp, "scratch", scratch, scratch_bytes);
  if (p.pack_b) {
    check_bytes(kOp, "packed b", b, packed_bytes);
  } else {
    check_plain(kOp, "b", b, p.b_dtype, matmul_b_shape(p));
  }
  if (p.bias) {
    check_plain(kOp, "bias", bias, DType::f32, {p.n});
  }
  if (p.limit != MatmulLimit::none) {
    check_plain(kOp, "limit", limit, DType::i32, {1});
    check(limit_begin >= 0, kOp, ": limit_begin must be >= 0, got ", limit_begin);
  }
}

}  // namespace lrcn
