// Learns to tell two Gaussian clouds apart: the smallest program that builds, trains and uses a
// model.
#include <cstdio>

#include "core/rng.h"
#include "layers/activation.h"
#include "layers/graph/program.h"
#include "layers/linear.h"
#include "layers/optim/gradients.h"
#include "layers/optim/sgd.h"
#include "layers/softmax_cross_entropy.h"

int main() {
  using namespace lrcn;
  Context context(Device::cpu());
  ParamStore params(context.device(), /*seed=*/1);

  Graph graph;  // [64, 2] points -> 16 units -> 2 classes
  const Value points = graph.input("points", {{64, 2}});
  const Value labels = graph.input("labels", {{64}, DType::i32});
  const Value hidden = graph.add("hidden", Linear({.out_features = 16}), {points});
  const Value active = graph.add("relu", Relu(), {hidden});
  const Value scores = graph.add("scores", Linear({.out_features = 2}), {active});
  const Value loss = graph.add("loss", SoftmaxCrossEntropy(), {scores, labels});

  CompileOptions options;
  options.phase = Phase::train;
  options.outputs = options.seeds = {loss};
  Program program = Program::compile(context, graph, params, options);
  Sgd sgd({.momentum = 0.9f});
  context.set_step_state({.learning_rate = 0.05f});

  const Random random(7, Purpose::generate);
  for (int step = 0; step < 200; ++step) {
    for (int i = 0; i < 64; ++i) {
      const int label = i % 2;
      program.value(labels).as<std::int32_t>()[i] = label;
      for (int axis = 0; axis < 2; ++axis) {
        const float noise = random.uniform(step, 2 * i + axis) - 0.5f;
        program.value(points).as<float>()[2 * i + axis] = noise + (label == axis ? 0.4f : -0.4f);
      }
    }
    zero_gradients(context, params);
    program.forward(context);
    program.backward(context);
    sgd.step(context, params);
  }
  std::printf("loss after 200 steps: %.4f\n", double(program.value(loss).as<float>()[0]));
  return program.value(loss).as<float>()[0] < 0.2f ? 0 : 1;
}
