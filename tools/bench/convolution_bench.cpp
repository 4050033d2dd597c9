// Convolutions one by one, each direction by every algorithm that the device offers.
#include <array>
#include <memory>
#include <string_view>

#include "core/error.h"
#include "kernels/convolution.h"
#include "layers/planner.h"
#include "tools/bench/benchmark.h"
#include "tools/bench/operands.h"
#include "tools/bench/provider_scope.h"
#include "tools/bench/shape_list.h"

namespace lrcn {
namespace {

constexpr std::array<ShapeColumn, 9> kColumns = {{{"batch"},
                                                  {"channels"},
                                                  {"height"},
                                                  {"width"},
                                                  {"out_channels"},
                                                  {"kernel"},
                                                  {"stride"},
                                                  {"pad", 0},
                                                  {"groups"}}};

enum class Direction : std::uint8_t { forward, pooled, dx, dw };

// pooled: forward with the 2x2 maximum pooling behind it.
constexpr std::array<const char*, 4> kDirections = {"forward", "forward+pool", "dx", "dw"};

struct Choice {
  const char* name;
  std::unique_ptr<ConvolutionKernel> (*plan)(Context&, const ConvolutionProblem&);
};

template <ConvolutionAlgorithm algorithm>
std::unique_ptr<ConvolutionKernel> plan_by(Context& context, const ConvolutionProblem& problem) {
  ConvolutionProblem own = problem;
  own.algorithm = algorithm;
  return plan_convolution(context, own);
}

template <Provider provider>
std::unique_ptr<ConvolutionKernel> plan_from(Context& context, const ConvolutionProblem& problem) {
  const ProviderScope scope(context, provider);
  return plan_convolution(context, problem);
}

std::vector<Choice> choices_of(Device device) {
  std::vector<Choice> choices = {{"automatic", plan_by<ConvolutionAlgorithm::automatic>},
                                 {"direct", plan_by<ConvolutionAlgorithm::direct>}};
  if (device.is_cpu()) {
    choices.push_back({"winograd", plan_by<ConvolutionAlgorithm::winograd>});
    choices.push_back({"plain", plan_by<ConvolutionAlgorithm::plain>});
  } else {
    choices.push_back({"own", plan_from<Provider::own>});
  }
  if (is_there(device, cudnn_library())) {
    choices.push_back({"cudnn", plan_from<Provider::cudnn>});
  }
  return choices;
}

bool is_forward(Direction direction) {
  return direction == Direction::forward || direction == Direction::pooled;
}

// What "forward winograd, dx direct, dw winograd" says about a direction.
std::string algorithm_of(const std::string& algorithms, Direction direction) {
  const std::string label =
      concat(is_forward(direction) ? "forward" : kDirections[std::size_t(direction)], ' ');
  const std::size_t begin = algorithms.find(label);
  if (begin == std::string::npos) {
    return algorithms;
  }
  const std::size_t name = begin + label.size();
  return algorithms.substr(name, algorithms.find(',', name) - name);
}

struct Operands {
  OwnedTensor x, packed, bias, y, dw, db, scratch;  // y: dy where gradients are computed
};

struct PreparedConvolution {
  PreparedConvolution(std::unique_ptr<ConvolutionKernel> planned, Rotation<Operands> sets)
      : kernel(std::move(planned)), operands(std::move(sets)) {}
  std::unique_ptr<ConvolutionKernel> kernel;
  Rotation<Operands> operands;
};

Operands make_operands(Context& context, const ConvolutionKernel& kernel,
                       const ConvolutionProblem& problem) {
  const std::int64_t c = problem.x.shape[1] / problem.groups;
  const TensorSpec weights{
      {problem.out_channels, c, problem.window.kernel_h, problem.window.kernel_w}};
  const TensorSpec bias{{problem.out_channels}};
  Operands operands;
  operands.x = random_tensor(context, kernel.x_spec(), 1.0f, 0);
  operands.y = random_tensor(context, kernel.y_spec(), 0.01f, 1);
  operands.bias = random_tensor(context, bias, 0.1f, 2);
  operands.packed = touched_bytes(context, kernel.packed_bytes());
  operands.scratch = touched_bytes(context, kernel.scratch_bytes());
  operands.dw = random_tensor(context, weights, 0.1f, 3);
  operands.db = touched_tensor(context, bias);
  kernel.pack(context, operands.dw.tensor, operands.packed.tensor, operands.scratch.tensor);
  return operands;
}

void run(Context& context, PreparedConvolution& held, Direction direction) {
  const Operands& set = held.operands.next();
  if (is_forward(direction)) {
    held.kernel->forward(context, {.x = set.x.tensor,
                                   .packed = set.packed.tensor,
                                   .bias = set.bias.tensor,
                                   .y = set.y.tensor,
                                   .scratch = set.scratch.tensor});
    return;
  }
  const bool dx = direction == Direction::dx;
  // The operand x of the set is where dx goes.
  held.kernel->backward(context, {.x = dx ? Tensor{} : set.x.tensor,
                                  .y = {},
                                  .dy = set.y.tensor,
                                  .packed = set.packed.tensor,
                                  .dx = dx ? set.x.tensor : Tensor{},
                                  .dw = dx ? Tensor{} : set.dw.tensor,
                                  .db = dx ? Tensor{} : set.db.tensor,
                                  .scratch = set.scratch.tensor});
}

// As in a program, which reads pictures as they come.
void set_types(Context& context, ConvolutionProblem& problem) {
  constexpr std::int64_t kFewChannels = 4;
  problem.precision = context.precision();
  problem.y_dtype = activation_dtype(context);
  problem.x.dtype = problem.x.shape[1] > kFewChannels ? problem.y_dtype : DType::f32;
}

std::vector<Direction> directions_of(Device device) {
  if (device.is_cpu()) {  // pools apart
    return {Direction::forward, Direction::dx, Direction::dw};
  }
  return {Direction::forward, Direction::pooled, Direction::dx, Direction::dw};
}

PreparedCase prepare(Context& context, ConvolutionProblem problem, Direction direction,
                     const Choice& choice) {
  set_types(context, problem);
  problem.relu = is_forward(direction);
  problem.pool = direction == Direction::pooled;
  problem.backward = !is_forward(direction);
  problem.needs_dx = direction == Direction::dx;
  auto kernel = choice.plan(context, problem);
  PreparedCase prepared;
  prepared.kernels = algorithm_of(kernel->algorithms(), direction);
  const std::string_view name = choice.name;
  const bool chooses = name == "automatic" || name == "own";
  if (!chooses && !prepared.kernels.starts_with(name)) {
    return {};  // the algorithm does not apply and another one has taken its place
  }
  const Shape& x = problem.x.shape;
  const TensorSpec y{convolution_shape(problem), problem.y_dtype};
  const double weights = double(problem.out_channels) * double(x[1] / problem.groups) *
                         double(problem.window.kernel_h * problem.window.kernel_w);
  prepared.items = double(x[0]);
  prepared.unit = "images";
  const double computed = double(x[0] * y.shape[2] * y.shape[3]) * (problem.pool ? 4.0 : 1.0);
  prepared.flop = 2.0 * weights * computed;
  prepared.bytes =
      double(problem.x.bytes()) + weights * double(size_of(problem.x.dtype)) + double(y.bytes());
  Rotation<Operands> operands(context.device(), std::size_t(prepared.bytes),
                              [&] { return make_operands(context, *kernel, problem); });
  auto held = std::make_shared<PreparedConvolution>(std::move(kernel), std::move(operands));
  prepared.run = [held, direction, &context] { run(context, *held, direction); };
  return prepared;
}

ConvolutionProblem problem_of(const ShapeRow& row, std::int64_t batch) {
  const auto& v = row.values;
  ConvolutionProblem problem{.x = {{batch > 0 ? batch : v[0], v[1], v[2], v[3]}},
                             .out_channels = v[4],
                             .window = Window::square(v[5], v[6], v[7]),
                             .groups = v[8]};
  try {
    convolution_shape(problem);
  } catch (const ArgumentError& error) {
    fail<DataError>(row.where, ": ", error.what());
  }
  return problem;
}

}  // namespace

std::vector<BenchCase> convolution_cases(const BenchRequest& request) {
  const std::vector<std::string> own = {"vgg16", "caffenet"};
  std::vector<BenchCase> cases;
  for (const std::string& list : request.shapes.empty() ? own : request.shapes) {
    for (const ShapeRow& row : read_shapes(find_shapes("conv", list), true, kColumns)) {
      const ConvolutionProblem problem = problem_of(row, request.batch);
      for (const Direction direction : directions_of(request.device)) {
        for (const Choice& choice : choices_of(request.device)) {
          const auto prepared = [=](Context& context) {
            return prepare(context, problem, direction, choice);
          };
          cases.push_back(
              {"conv", row.name, prepared, kDirections[std::size_t(direction)], choice.name});
        }
      }
    }
  }
  return cases;
}

}  // namespace lrcn
