// One direction of a convolution by cuDNN.
#include <utility>

#include "kernels/cuda/convolution_bias.h"
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
        rows_(y.shape[0] * y.shape[2] * y.shape[3]),
        columns_(y.shape[1]),
        epilogue_(epilogue) {}

  std::size_t scratch_bytes() const override { return plan_.workspace_bytes; }

  void run(Context& context, const Operands& operands) const override {
    plan_.execute(handle_, operands);
    if (epilogue_.bias || epilogue_.relu) {
      add_bias_and_activate(
          context, {.y = static_cast<float*>(operands.y),
                    .bias = epilogue_.bias ? static_cast<const float*>(operands.bias) : nullptr,
                    .relu = epilogue_.relu,
                    .rows = rows_,
                    .columns = columns_});
    }
  }

 private:
  cudnnHandle_t handle_;
  CudnnPlan plan_;
  std::int64_t rows_;
  std::int64_t columns_;
  CudnnEpilogue epilogue_;
};

}  // namespace

std::unique_ptr<ConvolutionStep> plan_cudnn_convolution(Context& context,
                                                        const ConvolutionProblem& problem,
                                                        const TensorSpec& y,
                                                        ConvolutionDirection direction) {
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
  if ((epilogue.bias || epilogue.relu) && y.dtype == DType::f32) {
    request.epilogue = {};
    plan = plan_cudnn_graph(session.target(), problem, y, request);
  }
  return plan ? std::make_unique<CudnnStep>(session.handle(), *std::move(plan), y, epilogue)
              : nullptr;
}

}  // namespace lrcn::cuda
