#include "layers/reshape.h"

#include <algorithm>

#include "core/error.h"

namespace lrcn {
namespace {

std::string to_text(const std::vector<std::int64_t>& extents) {
  std::string text;
  for (const std::int64_t extent : extents) {
    text += (text.empty() ? "" : ",") + std::to_string(extent);
  }
  return '[' + text + ']';
}

}  // namespace

std::vector<TensorSpec> Reshape::plan(Planner& planner) {
  planner.expect_inputs(1, 1);
  planner.accept_dtype(0);
  const TensorSpec& x = planner.input(0);
  std::vector<std::int64_t> extents = extents_;
  const auto open = std::find(extents.begin(), extents.end(), -1);
  if (open != extents.end()) {
    *open = 1;
    const Shape others(std::span<const std::int64_t>{extents});
    check(others.elements() > 0 && x.elements() % others.elements() == 0,
          "no extent in place of "
          "-1 makes ",
          to_text(extents_), " hold the ", x.elements(), " elements of ", x);
    *open = x.elements() / others.elements();
  }
  const Shape shape(std::span<const std::int64_t>{extents});
  check(shape.elements() == x.elements(), to_text(extents_), " must hold the ", x.elements(),
        " elements of ", x, ", holds ", shape.elements());
  planner.alias_input();
  return {{shape, x.dtype}};
}

// The compiler gives output and input the same memory.
void Reshape::forward(Context&, const Frame&) {}
void Reshape::backward(Context&, const Frame&) {}

}  // namespace lrcn
