// One LSTM layer, forward and backward with the gradient of its input.
#include <memory>

#include "core/rng.h"
#include "core/transfer.h"
#include "layers/graph/program.h"
#include "layers/lstm.h"
#include "layers/optim/gradients.h"
#include "tools/bench/benchmark.h"

namespace lrcn {
namespace {

struct LstmSize {
  std::int64_t steps, batch, inputs, hidden;
};

struct PreparedLstm {
  explicit PreparedLstm(Device device) : params(device, 1) {}
  Graph graph;
  ParamStore params;
  std::unique_ptr<Program> program;
  std::vector<float> dy;
};

PreparedCase prepare(Context& context, const LstmSize& size) {
  auto held = std::make_shared<PreparedLstm>(context.device());
  const Value x = held->graph.input("x", {{size.steps, size.batch, size.inputs}});
  const Value y = held->graph.add("lstm", Lstm({.hidden = size.hidden}), {x});
  CompileOptions options;
  options.phase = Phase::train;
  options.outputs = {y};
  options.seeds = {y};
  options.input_gradients = {x};
  held->program =
      std::make_unique<Program>(Program::compile(context, held->graph, held->params, options));
  const Random random(1, Purpose::generate);
  const auto draw = [&](const Tensor& tensor, float scale, std::uint64_t which) {
    std::vector<float> values(std::size_t(tensor.elements()));
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = scale * (2.0f * random.uniform(which, i) - 1.0f);
    }
    return values;
  };
  upload(held->program->value(x), draw(held->program->value(x), 1.0f, 0).data());
  held->dy = draw(held->program->gradient(y), 0.01f, 1);

  PreparedCase prepared;
  prepared.run = [held, &context, y] {
    upload(held->program->gradient(y), held->dy.data());
    held->params.touch();  // as in training: the weights change with every step
    held->program->forward(context);
    held->program->backward(context);
    context.synchronize();
  };
  prepared.items = double(size.batch);
  prepared.unit = "sequences";
  prepared.flop =
      6.0 * double(size.steps * size.batch * 4 * size.hidden) * double(size.inputs + size.hidden);
  return prepared;
}

}  // namespace

std::vector<BenchCase> lstm_cases() {
  std::vector<BenchCase> cases;
  for (const LstmSize& size : {LstmSize{20, 100, 1000, 1000}, LstmSize{16, 24, 256, 256},
                               LstmSize{16, 24, 4096, 256}, LstmSize{20, 64, 512, 512}}) {
    cases.push_back(
        {"lstm", concat('T', size.steps, "-N", size.batch, "-I", size.inputs, "-H", size.hidden),
         [=](Context& context) { return prepare(context, size); }});
  }
  return cases;
}

}  // namespace lrcn
