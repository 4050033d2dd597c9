// The matrix products of y = x W^T + b and of its gradients, planned for a fixed number of rows.
#pragma once

#include "kernels/matmul.h"
#include "layers/planned.h"

namespace lrcn {

struct AffineProblem {
  std::int64_t rows = 0;          // R
  std::int64_t in_features = 0;   // I
  std::int64_t out_features = 0;  // O
  bool bias = true;
  bool relu = false;
  bool pack = false;            // the weights stay the same for many forward calls
  DType dtype = DType::f32;     // of x and dx in memory
  DType y_dtype = DType::f32;   // of y and dy
  bool input_gradient = false;  // which gradients will be asked for
  bool weight_gradient = false;
  // CUDA alone: columns of y and dy in memory, 0 for O; and whether calls say how many rows count.
  std::int64_t y_pitch = 0;
  bool limited = false;
};

// The first *count - begin rows count, where a problem is limited. The others may hold anything and
// do so afterwards (MatmulLimit).
struct CountedRows {
  Tensor count = {};  // i32 [1]
  std::int64_t begin = 0;
};

class AffineProduct {
 public:
  AffineProduct() = default;
  AffineProduct(Context& context, const AffineProblem& problem);

  std::int64_t rows() const { return rows_; }
  // 0 when the products read the weights as they are stored.
  std::size_t packed_bytes() const;
  // Whether dx reads what pack() wrote too: bf16 products do, from weights that are rounded once
  // for both. A matrix in bf16 is half of what the products read of it, several times each.
  bool packs_for_gradient() const { return rounds_; }
  std::size_t scratch_bytes() const;  // the most that any of the calls needs

  // weight: f32 [O, I]; packed: u8 [packed_bytes()].
  void pack(Context& context, Tensor weight, Tensor packed) const;

  struct Forward {
    Tensor x;       // [R, I]
    Tensor weight;  // [O, I], or what pack() wrote when it has bytes
    Tensor bias;    // [O]
    Tensor y;       // [R, O] or [R, y_pitch], written
    Tensor scratch;
    CountedRows rows = {};
  };
  void forward(Context& context, const Forward& arguments) const;
  // dx = dy W. dy: [R, O], dx: [R, I], written; weight: [O, I], or what packs_for_gradient() says.
  struct InputGradient {
    Tensor dy, weight, dx, scratch;
    CountedRows rows = {};
  };
  void input_gradient(Context& context, const InputGradient& arguments) const;
  // dw += dy^T x. dy: [R, O], x: [R, I], dw: [O, I].
  struct WeightGradient {
    Tensor dy, x, dw, scratch;
    CountedRows rows = {};
  };
  void weight_gradient(Context& context, const WeightGradient& arguments) const;

 private:
  Tensor rounded(const Tensor& packed) const;

  std::int64_t rows_ = 0;
  TensorSpec weight_;
  bool rounds_ = false;
  Planned<MatmulKernel> y_;
  Planned<MatmulKernel> dx_;
  Planned<MatmulKernel> dw_;
};

}  // namespace lrcn
