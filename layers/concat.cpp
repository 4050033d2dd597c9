#include "layers/concat.h"

#include "core/error.h"
#include "kernels/concat.h"
#include "layers/joined_dtype.h"

namespace lrcn {

std::vector<TensorSpec> Concat::plan(Planner& planner) {
  planner.expect_inputs(1, 1024);
  request_joined_dtype(planner);
  const TensorSpec first = planner.input(0);
  const int rank = first.shape.rank();
  const int axis = axis_ < 0 ? axis_ + rank : axis_;
  check(axis >= 0 && axis < rank, "axis ", axis_, " is outside of ", first);
  std::int64_t length = 0;
  dx_.clear();
  for (int i = 0; i < planner.input_count(); ++i) {
    const TensorSpec& part = planner.input(i);
    bool fits = is_real(part.dtype) && part.shape.rank() == rank;
    for (int a = 0; fits && a < rank; ++a) {
      fits = a == axis || part.shape[a] == first.shape[a];
    }
    check(fits, "x[", i, "] must be f32 or bf16 like x[0] ", first, " in all axes but ", axis,
          ", got ", part);
    length += part.shape[axis];
    dx_.push_back({nullptr, part, planner.context().device()});
  }
  std::vector<std::int64_t> extents(first.shape.extents().begin(), first.shape.extents().end());
  extents[std::size_t(axis)] = length;
  return {{Shape(std::span<const std::int64_t>(extents)), first.dtype}};
}

// y = x[0], x[1], ... along the axis
void Concat::forward(Context& context, const Frame& frame) {
  concat_forward(context, frame.x, frame.y[0], axis_);
}

// dx[i] = the slice of dy that x[i] filled
void Concat::backward(Context& context, const Frame& frame) {
  for (std::size_t i = 0; i < dx_.size(); ++i) {
    dx_[i].data = frame.dx[i].data;
  }
  concat_backward(context, frame.dy[0], dx_, axis_);
}

}  // namespace lrcn
