// VGG-16 at 224: forward, and forward + backward with softmax cross-entropy.
#include "core/transfer.h"
#include "layers/graph/program.h"
#include "layers/optim/gradients.h"
#include "layers/softmax_cross_entropy.h"
#include "models/vgg.h"
#include "tools/bench/benchmark.h"
#include "tools/bench/prepared_program.h"

namespace lrcn {
namespace {

constexpr double kForwardGflop = 30.94;  // one picture: 15.47 G multiply-adds

PreparedCase prepare(Context& context, std::int64_t batch, bool training) {
  auto held = std::make_shared<PreparedProgram>(context.device());
  Graph& graph = held->graph;
  const Value images = graph.input("images", {{batch, 3, 224, 224}});
  Value last = add_vgg(graph, "encoder", images, {.depth = 16, .dropout = 0.0f});
  if (training) {
    const Value labels = graph.input("labels", {{batch}, DType::i32});
    last = graph.add("loss", SoftmaxCrossEntropy(), {last, labels});
  }
  held->compile(context, last, training);
  held->fill_inputs(1000);
  PreparedCase prepared;
  prepared.run = [held, &context, training] {
    if (training) {
      zero_gradients(context, held->params);
      held->params.touch();  // as in training: the weights change with every step
    }
    held->program->forward(context);
    if (training) {
      held->program->backward(context);
    }
    context.synchronize();
  };
  prepared.items = double(batch);
  prepared.unit = "images";
  prepared.flop = kForwardGflop * 1e9 * double(batch) * (training ? 3.0 : 1.0);
  prepared.kernels = held->kernels();
  return prepared;
}

}  // namespace

std::vector<BenchCase> vgg_cases(const BenchRequest&) {
  std::vector<BenchCase> cases;
  for (const bool training : {false, true}) {
    for (const std::int64_t batch : {1, 8, 16}) {
      cases.push_back({"vgg16", concat(training ? "train-b" : "forward-b", batch),
                       [=](Context& context) { return prepare(context, batch, training); }});
    }
  }
  return cases;
}

}  // namespace lrcn
