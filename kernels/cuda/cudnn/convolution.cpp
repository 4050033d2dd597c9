// One direction of a convolution by cuDNN.
#include <utility>

#include "core/cuda/device_scope.h"
#include "kernels/cuda/bias_activation.h"
#include "kernels/cuda/cudnn/convolution_plan.h"

namespace lrcn::cuda {
namespace {

// More would rarely be faster, and every layer of a program reserves as much as it may need.
constexpr std::size_t kWorkspaceLimit = std::size_t(256) << 20;

class CudnnStep final : public ConvolutionStep {
 public:
  // epilogue: what is left to do behind the plan.
  CudnnStep(cudnnHandle_t handle, CudnnPlan plan, const TensorSpec& y, CudnnEpilogue epilogue)
      : handle_(handle),
        plan_(std::move(plan)),
        y_{{y.shape[0] * y.shape[2] * y.shape[3], y.shape[1]}, y.dtype},
        epilogue_(epilogue) {}

  std::size_t scratch_bytes() const override { return plan_.workspace_bytes; }

  void run(Context& context, const Operands& operands) const override {
    {
      const DeviceScope scope(context.device());
      plan_.execute(handle_, operands);
    }
    if (epilogue_.bias || epilogue_.relu) {
      const Tensor y{operands.y, y_, context.device()};
      const Tensor bias{
          epilogue_.bias ? operands.bias : nullptr, {{y_.shape[1]}}, context.device()};
      add_bias_and_activate(context, y, bias, epilogue_.relu);
    }
  }

 private:
  cudnnHandle_t handle_;
  CudnnPlan plan_;
  TensorSpec y_;  // [N P Q, K]
  CudnnEpilogue epilogue_;
};

}  // namespace

std::unique_ptr<ConvolutionStep> plan_cudnn_convolution(Context& context,
                                                        const ConvolutionProblem& problem,
                                                        const TensorSpec& y,
                                                        ConvolutionDirection direction) {
  const DeviceScope scope(context.device());
  const auto& session = context.handle<CudnnSession>();
  CudnnEpilogue epilogue;
  if (direction == ConvolutionDirection::forward) {
    epilogue = {problem.bias, problem.relu};
  }
  CudnnRequest request{direction, epilogue, kWorkspaceLimit};
  auto plan = plan_cudnn_graph(session.target(), problem, y, request);
  if (plan) {
    return std::make_unique<CudnnStep>(session.handle(), *std::move(plan), y, CudnnEpilogue{});
  }
  if (epilogue.bias || epilogue.relu) {
    request.epilogue = {};
    plan = plan_cudnn_graph(session.target(), problem, y, request);
  }
  return plan ? std::make_unique<CudnnStep>(session.handle(), *std::move(plan), y, epilogue)
              : nullptr;
}

}  // namespace lrcn::cuda
