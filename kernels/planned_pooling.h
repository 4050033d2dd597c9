// What the poolings of all backends have in common: specs, sizes, checks, and the type in which the
// taps of a window are numbered.
#pragma once

#include <memory>

#include "kernels/check_tensor.h"
#include "kernels/pooling.h"
#include "kernels/pooling_geometry.h"

namespace lrcn {

class PlannedPooling : public PoolingKernel {
 public:
  const TensorSpec& x_spec() const final { return problem_.x; }
  const TensorSpec& y_spec() const final { return y_; }
  std::size_t saved_bytes() const final {
    const bool saves = problem_.backward && is_maximum();
    return saves ? y_.bytes() / size_of(y_.dtype) * index_bytes_ : 0;
  }
  std::size_t scratch_bytes() const final { return 0; }

 protected:
  // index_bytes: of the number of a tap. Throws ArgumentError for what plan_pooling refuses there.
  PlannedPooling(Device device, const PoolingProblem& problem, std::size_t index_bytes)
      : problem_(problem),
        geometry_(problem),
        y_{pooling_shape(problem), problem.x.dtype, problem.x.layout},
        index_bytes_(index_bytes) {
    check_element(kOp, "x", problem.x, device);
  }

  bool is_maximum() const { return problem_.kind == PoolingKind::maximum; }
  const Window& window() const { return problem_.window; }
  const PoolingGeometry& geometry() const { return geometry_; }

  // Both throw ArgumentError for tensors other than the planned ones.
  void check_forward(const PoolingArguments& arguments) const {
    check_tensor("x", arguments.x, problem_.x);
    check_tensor("y", arguments.y, y_);
    check_bytes(kOp, "saved", arguments.saved, saved_bytes());
  }
  void check_backward(const PoolingGradients& arguments) const {
    check(problem_.backward, kOp, ": backward was called, but not planned");
    check_tensor("dy", arguments.dy, y_);
    check_tensor("dx", arguments.dx, problem_.x);
    check_bytes(kOp, "saved", arguments.saved, saved_bytes());
  }

 private:
  static constexpr const char* kOp = "pooling";

  static void check_tensor(const char* name, const Tensor& tensor, const TensorSpec& spec) {
    check_spec(kOp, name, tensor, spec);
    check_present(kOp, name, tensor);
  }

  PoolingProblem problem_;
  PoolingGeometry geometry_;
  TensorSpec y_;
  std::size_t index_bytes_;
};

// A Pooling<Index>(device, problem) with the smaller Index that can number the taps of a window.
template <template <class Index> class Pooling>
std::unique_ptr<PoolingKernel> plan_with_index(Device device, const PoolingProblem& problem) {
  pooling_shape(problem);
  if (problem.window.kernel_h * problem.window.kernel_w <= 256) {
    return std::make_unique<Pooling<std::uint8_t>>(device, problem);
  }
  return std::make_unique<Pooling<std::int32_t>>(device, problem);
}

}  // namespace lrcn
