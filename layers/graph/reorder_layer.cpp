#include "layers/graph/reorder_layer.h"

#include "kernels/reorder.h"

namespace lrcn {

std::vector<TensorSpec> ReorderLayer::plan(Planner& planner) {
  planner.accept_layout(0);
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

}  // namespace lrcn
