// Matrix products: c = op(a) op(b) (+ c) (+ bias) (then ReLU), all row-major.
#pragma once

#include <cstdint>
#include <memory>

#include "core/precision.h"
#include "core/tensor.h"
#include "kernels/op.h"

namespace lrcn {

// What a number in memory of the device cuts short: MatmulArguments::limit.
enum class MatmulLimit : std::uint8_t { none, rows, terms };

struct MatmulProblem {
  std::int64_t m = 0;
  std::int64_t n = 0;
  std::int64_t k = 0;
  bool transpose_a = false;  // a is stored [k, m]
  bool transpose_b = false;  // b is stored [n, k]
  bool accumulate = false;   // add to what c holds
  bool bias = false;         // add bias [n] to every row
  bool relu = false;         // max(0, .) last; not together with accumulate
  bool pack_b = false;       // b stays the same for many calls: worth rearranging it once
  Precision precision = Precision::f32;
  // Types in memory, f32 or bf16; the bias is f32, and so are sums. Only CUDA knows bf16. A product
  // that reads bf16 is one of Precision::bf16, and its other factor may be f32: it is rounded to
  // bf16 in scratch memory by every run(), or once by pack(). One that accumulates adds to f32.
  DType a_dtype = DType::f32;
  DType b_dtype = DType::f32;
  DType c_dtype = DType::f32;
  // CUDA alone. Columns that the stored a and c have; 0: those that the product uses, which are the
  // first of them. The others are neither read nor written: they let rows begin at 16 bytes.
  std::int64_t a_pitch = 0;
  std::int64_t c_pitch = 0;
  // CUDA alone. Of rows: c from the limit on holds afterwards what it held, or anything. Of terms,
  // which then have to be the stored rows of a and b: those from the limit on may be set to zero.
  // Either way they may hold anything before, and what counts does not depend on it.
  MatmulLimit limit = MatmulLimit::none;
};

struct MatmulArguments {
  Tensor a;           // [m, k], or [k, m] when transposed; of a_pitch columns when that is set
  Tensor b;           // [k, n], or [n, k] when transposed; what pack() wrote when pack_b is set
  Tensor bias;        // [n], only when asked for
  Tensor c;           // [m, n]; of c_pitch columns when that is set
  Tensor scratch;     // u8 [scratch_bytes()]
  Tensor limit = {};  // i32 [1], only when asked for: so many rows or terms count ...
  std::int64_t limit_begin = 0;  // ... beside these first ones of the limit, of another product
};

// A product planned for one problem: everything is chosen and built before the first call.
class MatmulKernel {
 public:
  virtual ~MatmulKernel() = default;

  // Bytes of the rearranged b; 0 unless pack_b was set.
  virtual std::size_t packed_bytes() const = 0;
  virtual std::size_t scratch_bytes() const = 0;
  // packed: u8 [packed_bytes()], rearranged from b as stored.
  virtual void pack(Context& context, Tensor b, Tensor packed) const = 0;
  virtual void run(Context& context, const MatmulArguments& arguments) const = 0;
};

// The matrices as they are stored, pitches included.
Shape matmul_a_shape(const MatmulProblem& problem);
Shape matmul_b_shape(const MatmulProblem& problem);
Shape matmul_c_shape(const MatmulProblem& problem);

// For the backends. Each throws ArgumentError naming what does not fit.
void check_matmul(const MatmulProblem& problem);
void check_matmul_of_floats(const MatmulProblem& problem, const char* backend);
void check_matmul_pack(const MatmulProblem& problem, const Tensor& b, const Tensor& packed,
                       std::size_t packed_bytes);
void check_matmul_run(const MatmulProblem& problem, const MatmulArguments& arguments,
                      std::size_t packed_bytes, std::size_t scratch_bytes);

namespace cpu {
std::unique_ptr<MatmulKernel> plan_matmul(Context& context, const MatmulProblem& problem);
}
namespace cuda {
std::unique_ptr<MatmulKernel> plan_matmul(Context& context, const MatmulProblem& problem);
}

// Throws ArgumentError for negative sizes, types that the backend does not know or options that
// exclude each other.
inline constexpr Op<std::unique_ptr<MatmulKernel>(Context&, const MatmulProblem&)> plan_matmul{
    "matmul", cpu::plan_matmul, LRCN_CUDA_OP(cuda::plan_matmul)};

}  // namespace lrcn
