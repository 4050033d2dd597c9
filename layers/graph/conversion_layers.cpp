#include "layers/graph/conversion_layers.h"

#include "kernels/cast.h"
#include "kernels/reorder.h"

namespace lrcn {

std::vector<TensorSpec> ReorderLayer::plan(Planner& planner) {
  planner.accept_layout(0);
  planner.accept_dtype(0);
  TensorSpec y = planner.input(0);
  y.layout = target_;
  return {y};
}

void ReorderLayer::forward(Context& context, const Frame& frame) {
  reorder(context, frame.x[0], frame.y[0]);
}

void ReorderLayer::backward(Context& context, const Frame& frame) {
  if (frame.dx[0]) {
    reorder(context, frame.dy[0], frame.dx[0]);
  }
}

std::vector<TensorSpec> CastLayer::plan(Planner& planner) {
  planner.accept_layout(0);
  planner.accept_dtype(0);
  TensorSpec y = planner.input(0);
  y.dtype = target_;
  return {y};
}

void CastLayer::forward(Context& context, const Frame& frame) {
  cast(context, frame.x[0], frame.y[0]);
}

void CastLayer::backward(Context& context, const Frame& frame) {
  if (frame.dx[0]) {
    cast(context, frame.dy[0], frame.dx[0]);
  }
}

}  // namespace lrcn
