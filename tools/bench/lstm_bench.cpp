// One LSTM layer over a sequence: forward as in evaluation, and forward with backward as in
// training, where the weights have changed since the last step and the gradient of x is asked for.
#include <array>
#include <memory>

#include "core/error.h"
#include "kernels/lstm.h"
#include "layers/planner.h"
#include "tools/bench/benchmark.h"
#include "tools/bench/operands.h"
#include "tools/bench/provider_scope.h"
#include "tools/bench/shape_list.h"

namespace lrcn {
namespace {

constexpr std::array<ShapeColumn, 4> kColumns = {{{"steps"}, {"batch"}, {"inputs"}, {"hidden"}}};

struct Choice {
  const char* name;
  LstmAlgorithm algorithm;
  Provider provider = Provider::own;
};

std::vector<Choice> choices_of(Device device) {
  std::vector<Choice> choices = {{"automatic", LstmAlgorithm::automatic, Provider::automatic}};
  if (device.is_cuda()) {
    choices.push_back({"stepwise", LstmAlgorithm::stepwise});
    choices.push_back({"persistent", LstmAlgorithm::persistent});
  }
  if (is_there(device, cudnn_library())) {
    choices.push_back({"cudnn", LstmAlgorithm::stepwise, Provider::cudnn});
    choices.push_back({"cudnn-persistent", LstmAlgorithm::persistent, Provider::cudnn});
  }
  return choices;
}

struct Weights {
  OwnedTensor ih, hh, bias;

  LstmWeights views() const { return {ih.tensor, hh.tensor, bias.tensor}; }
};

struct Operands {
  Weights weights, gradients;
  OwnedTensor x, y, dx, dy, packed, saved, scratch, backward_scratch;
};

struct PreparedLstm {
  PreparedLstm(std::unique_ptr<LstmKernel> planned, Rotation<Operands> sets)
      : kernel(std::move(planned)), operands(std::move(sets)) {}
  std::unique_ptr<LstmKernel> kernel;
  Rotation<Operands> operands;
};

Operands make_operands(Context& context, const LstmKernel& kernel, const LstmProblem& p) {
  const TensorSpec ih{{4 * p.units, p.inputs}};
  const TensorSpec hh{{4 * p.units, p.units}};
  const TensorSpec bias{{4 * p.units}};
  const TensorSpec x{{p.steps, p.batch, p.inputs}, p.dtype};
  const TensorSpec y{{p.steps, p.batch, p.units}, p.dtype};
  Operands operands;
  operands.weights = {random_tensor(context, ih, 0.08f, 0), random_tensor(context, hh, 0.08f, 1),
                      touched_tensor(context, bias)};
  operands.x = random_tensor(context, x, 1.0f, 2);
  operands.y = touched_tensor(context, y);
  operands.packed = touched_bytes(context, kernel.packed_bytes());
  operands.saved = touched_bytes(context, kernel.saved_bytes());
  operands.scratch = touched_bytes(context, kernel.forward_scratch_bytes());
  if (p.backward) {
    operands.gradients = {touched_tensor(context, ih), touched_tensor(context, hh),
                          touched_tensor(context, bias)};
    operands.dx = touched_tensor(context, x);
    operands.dy = random_tensor(context, y, 0.01f, 3);
    operands.backward_scratch = touched_bytes(context, kernel.backward_scratch_bytes());
  }
  kernel.pack(context, operands.weights.views(), operands.packed.tensor);
  return operands;
}

void run(Context& context, PreparedLstm& held, bool training) {
  const Operands& set = held.operands.next();
  if (training) {
    held.kernel->pack(context, set.weights.views(), set.packed.tensor);
  }
  const LstmForward forward{.weights = set.weights.views(),
                            .x = set.x.tensor,
                            .y = set.y.tensor,
                            .packed = set.packed.tensor,
                            .saved = set.saved.tensor,
                            .scratch = set.scratch.tensor};
  held.kernel->forward(context, forward);
  if (training) {
    held.kernel->backward(context, {.forward = forward,
                                    .dy = set.dy.tensor,
                                    .dx = set.dx.tensor,
                                    .gradients = set.gradients.views(),
                                    .scratch = set.backward_scratch.tensor});
  }
}

PreparedCase prepare(Context& context, LstmProblem problem, Provider provider) {
  const bool training = problem.backward;
  problem.precision = context.precision();
  problem.dtype = activation_dtype(context);
  const ProviderScope scope(context, provider);
  auto kernel = plan_lstm(context, problem);
  const double rows = double(problem.steps * problem.batch);
  const double weights = 4.0 * double(problem.units) * double(problem.inputs + problem.units);
  const double sequences = rows * double(problem.inputs + problem.units);  // x and y
  PreparedCase prepared;
  prepared.kernels = kernel->algorithms();
  const auto runs = [&](const char* name) {
    return prepared.kernels.find(name) != std::string::npos;
  };
  if ((problem.algorithm == LstmAlgorithm::persistent && !runs("persistent")) ||
      (provider == Provider::cudnn && !runs("cudnn"))) {
    return {};  // what was asked for does not apply and something else has taken its place
  }
  prepared.items = double(problem.batch);
  prepared.unit = "sequences";
  prepared.flop = (training ? 6.0 : 2.0) * rows * weights;
  // Backward reads weights, x and y again, reads dy, writes dx, and adds to the gradients.
  prepared.bytes = double(sizeof(float)) * (training ? 4.0 : 1.0) * weights +
                   double(size_of(problem.dtype)) * (training ? 3.0 : 1.0) * sequences;
  Rotation<Operands> operands(context.device(), std::size_t(prepared.bytes),
                              [&] { return make_operands(context, *kernel, problem); });
  auto held = std::make_shared<PreparedLstm>(std::move(kernel), std::move(operands));
  prepared.run = [held, training, &context] { run(context, *held, training); };
  return prepared;
}

// The persistent algorithm of cuDNN refuses many sizes, some of them only when it is run.
PreparedCase prepare_or_skip(Context& context, const LstmProblem& problem, Provider provider) {
  if (provider != Provider::cudnn || problem.algorithm != LstmAlgorithm::persistent) {
    return prepare(context, problem, provider);
  }
  try {
    PreparedCase prepared = prepare(context, problem, provider);
    prepared.run();
    return prepared;
  } catch (const DeviceError&) {
    return {};
  }
}

}  // namespace

std::vector<BenchCase> lstm_cases(const BenchRequest& request) {
  const std::vector<std::string> own = {"peer"};
  std::vector<BenchCase> cases;
  for (const std::string& list : request.shapes.empty() ? own : request.shapes) {
    for (const ShapeRow& row : read_shapes(find_shapes("lstm", list), false, kColumns)) {
      const auto& v = row.values;
      const std::string name = concat('T', v[0], "-N", v[1], "-I", v[2], "-H", v[3]);
      for (const bool training : {true, false}) {
        for (const Choice& choice : choices_of(request.device)) {
          const LstmProblem problem{.steps = v[0],
                                    .batch = v[1],
                                    .inputs = v[2],
                                    .units = v[3],
                                    .backward = training,
                                    .input_gradient = training,
                                    .algorithm = choice.algorithm};
          cases.push_back(
              {"lstm", name,
               [=](Context& context) { return prepare_or_skip(context, problem, choice.provider); },
               training ? "forward+backward" : "forward", choice.name});
        }
      }
    }
  }
  return cases;
}

}  // namespace lrcn
