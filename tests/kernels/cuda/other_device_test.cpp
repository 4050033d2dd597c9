// Tensors that lie on another device than the one an operation runs on.
#include <functional>

#include "kernels/activation.h"
#include "kernels/convolution.h"
#include "kernels/elementwise.h"
#include "kernels/lstm.h"
#include "kernels/matmul.h"
#include "tests/kernels/cuda/cuda_agreement.h"

namespace lrcn::test {
namespace {

class CudaOtherDevice : public CudaAgreement {
 protected:
  // `call` runs on one device with tensors that tensor(spec) makes, the last of them on the other.
  using Make = std::function<Tensor(const TensorSpec&)>;
  void expect_refused(const std::string& op,
                      const std::function<void(Context&, const Make&, const Make&)>& call) {
    for (Context* context : {&cpu_context(), &cuda_context()}) {
      const Device here = context->device();
      const Device there = here.is_cpu() ? Device::cuda(0) : Device::cpu();
      const auto maker = [this](Device device) {
        return [this, device](const TensorSpec& spec) {
          return memory_.emplace_back(device, spec).tensor;
        };
      };
      try {
        call(*context, maker(here), maker(there));
        ADD_FAILURE() << op << " ran on " << here;
      } catch (const ArgumentError& error) {
        const std::string message = error.what();
        EXPECT_EQ(message.find(concat(op, ": runs on ", here, ", but was given ")), 0u) << message;
        EXPECT_NE(message.find(concat(" on ", there)), std::string::npos) << message;
      }
    }
  }

  static TensorSpec bytes(std::size_t count) { return {{std::int64_t(count)}, DType::u8}; }

 private:
  std::deque<OwnedTensor> memory_;
};

TEST_F(CudaOtherDevice, IsRefusedByOperations) {
  expect_refused("relu_forward", [](Context& context, const Make& here, const Make& there) {
    relu_forward(context, here({{4}}), there({{4}}));
  });
  expect_refused("sum_of", [](Context& context, const Make& here, const Make& there) {
    sum_of(context, std::array{here({{4}}), there({{4}})}, here({{4}}));
  });
}

TEST_F(CudaOtherDevice, IsRefusedByPlannedKernels) {
  expect_refused("matmul", [](Context& context, const Make& here, const Make& there) {
    const auto kernel = plan_matmul(context, {.m = 9, .n = 4, .k = 4});
    kernel->run(context, {here({{9, 4}}),
                          there({{4, 4}}),
                          {},
                          here({{9, 4}}),
                          here(bytes(kernel->scratch_bytes()))});
  });
  expect_refused("convolution", [](Context& context, const Make& here, const Make& there) {
    ConvolutionProblem problem{.x = {{1, 3, 4, 4}}, .out_channels = 2};
    problem.window.kernel_h = problem.window.kernel_w = 1;
    problem.bias = false;
    const auto kernel = plan_convolution(context, problem);
    kernel->forward(context, {here(kernel->x_spec()),
                              here(bytes(kernel->packed_bytes())),
                              {},
                              there(kernel->y_spec()),
                              here(bytes(kernel->scratch_bytes()))});
  });
  expect_refused("lstm", [](Context& context, const Make& here, const Make& there) {
    const auto kernel = plan_lstm(context, {.steps = 2, .batch = 1, .inputs = 3, .units = 2});
    kernel->forward(context, {.weights = {here({{8, 3}}), there({{8, 2}}), here({{8}})},
                              .x = here({{2, 1, 3}}),
                              .y = here({{2, 1, 2}}),
                              .packed = here(bytes(kernel->packed_bytes())),
                              .saved = here(bytes(kernel->saved_bytes())),
                              .scratch = here(bytes(kernel->forward_scratch_bytes()))});
  });
}

}  // namespace
}  // namespace lrcn::test
