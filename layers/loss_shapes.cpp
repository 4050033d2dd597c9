#include "layers/loss_shapes.h"

#include "core/error.h"

namespace lrcn {

LossShapes loss_shapes(const Planner& planner, const char* name) {
  planner.expect_inputs(2, 2);
  const TensorSpec& x = planner.input(0);
  const int rank = x.shape.rank();
  check(is_real(x.dtype) && rank >= 2 && x.shape[-1] >= 1, name,
        " must be f32 or bf16 [rows...,features], got ", x);
  LossShapes shapes;
  shapes.rows = Shape(x.shape.extents().first(std::size_t(rank - 1)));
  shapes.row_count = shapes.rows.elements();
  shapes.features = x.shape[-1];
  const TensorSpec& targets = planner.input(1);
  check(targets.dtype == DType::i32 && targets.shape == shapes.rows, "targets must be i32 ",
        shapes.rows, " to fit ", name, ' ', x, ", got ", targets);
  shapes.outputs = {{Shape{}}, {Shape{2}}, {shapes.rows}};
  return shapes;
}

}  // namespace lrcn
