// What a program says of a kernel that goes wrong. Only the emulated device lets tests make one.
#include <gtest/gtest.h>

#include "core/error.h"
#include "layers/graph/program.h"

#if LRCN_CUDA_EMULATED

#include "kernels/cuda/launch.h"

namespace lrcn {
namespace {

using cuda::__syncthreads;

__global__ void half_a_barrier_kernel() {
  if (threadIdx.x == 0) {
    __syncthreads();
  } else {
    __syncthreads();
  }
}

class Faulty final : public Layer {
 public:
  explicit Faulty(bool in_backward) : in_backward_(in_backward) {}
  std::string_view type() const override { return "faulty"; }
  std::vector<TensorSpec> plan(Planner& planner) override { return {planner.input(0)}; }
  void forward(Context& context, const Frame&) override { fail_if(context, !in_backward_); }
  void backward(Context& context, const Frame&) override { fail_if(context, in_backward_); }

 private:
  static void fail_if(Context& context, bool fails) {
    if (fails) {
      cuda::launch(context, 1, 32, 0, half_a_barrier_kernel);
    }
  }
  bool in_backward_;
};

TEST(DeviceFault, NamesTheLayerAndTheKernel) {
  for (const bool in_backward : {false, true}) {
    Context context(Device::cuda(0));
    ParamStore params(context.device());
    Graph graph;
    const Value x = graph.input("x", {{3}});
    const Value y = graph.add("encoder.features.3", Faulty(in_backward), {x});
    CompileOptions options;
    options.phase = Phase::train;
    options.seeds = {y};
    options.input_gradients = {x};
    Program program = Program::compile(context, graph, params, options);
    try {
      program.forward(context);
      program.backward(context);
      FAIL() << "nothing was noticed";
    } catch (const DeviceError& error) {
      const std::string message = error.what();
      EXPECT_EQ(message.find(concat("encoder.features.3 (faulty), ",
                                    in_backward ? "backward" : "forward", ": ")),
                0u)
          << message;
      EXPECT_NE(message.find("half_a_barrier_kernel"), std::string::npos) << message;
    }
  }
}

}  // namespace
}  // namespace lrcn

#endif
