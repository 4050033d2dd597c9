// Linear layers one by one: y = relu(x w^T + bias), dx = dy w and dw += dy^T x, by every provider.
#include <array>
#include <memory>

#include "core/error.h"
#include "kernels/matmul.h"
#include "layers/planner.h"
#include "tools/bench/benchmark.h"
#include "tools/bench/operands.h"
#include "tools/bench/provider_scope.h"
#include "tools/bench/shape_list.h"

namespace lrcn {
namespace {

constexpr std::array<ShapeColumn, 3> kColumns = {{{"m"}, {"n"}, {"k"}}};

struct Choice {
  const char* name;
  Provider provider;
};

std::vector<Choice> choices_of(Device device) {
  std::vector<Choice> choices = {{"automatic", Provider::automatic}};
  if (device.is_cuda()) {
    choices.push_back({"own", Provider::own});
  }
  if (is_there(device, cublaslt_library())) {
    choices.push_back({"cublasLt", Provider::cudnn});
  }
  return choices;
}

struct Product {
  const char* direction;
  MatmulProblem problem;
};

std::array<Product, 3> products_of(std::int64_t m, std::int64_t n, std::int64_t k) {
  return {{{"forward", {.m = m, .n = n, .k = k, .transpose_b = true, .bias = true, .relu = true}},
           {"dx", {.m = m, .n = k, .k = n}},
           {"dw", {.m = n, .n = k, .k = m, .transpose_a = true, .accumulate = true}}}};
}

struct Operands {
  OwnedTensor a, b, bias, c, scratch;
};

struct PreparedProduct {
  PreparedProduct(std::unique_ptr<MatmulKernel> planned, Rotation<Operands> sets)
      : kernel(std::move(planned)), operands(std::move(sets)) {}
  std::unique_ptr<MatmulKernel> kernel;
  Rotation<Operands> operands;
};

Operands make_operands(Context& context, const MatmulKernel& kernel, const MatmulProblem& p) {
  const TensorSpec a{p.transpose_a ? Shape{p.k, p.m} : Shape{p.m, p.k}, p.a_dtype};
  const TensorSpec b{p.transpose_b ? Shape{p.n, p.k} : Shape{p.k, p.n}, p.b_dtype};
  return {random_tensor(context, a, 1.0f, 0), random_tensor(context, b, 0.1f, 1),
          random_tensor(context, {{p.n}}, 0.1f, 2),
          touched_tensor(context, {{p.m, p.n}, p.c_dtype}),
          touched_bytes(context, kernel.scratch_bytes())};
}

PreparedCase prepare(Context& context, MatmulProblem problem, Provider provider) {
  // As in a program, which rounds weights once a step and adds to gradients in f32.
  problem.precision = context.precision();
  problem.a_dtype = problem.b_dtype = activation_dtype(context);
  problem.c_dtype = problem.accumulate ? DType::f32 : problem.a_dtype;
  const ProviderScope scope(context, provider);
  auto kernel = plan_matmul(context, problem);
  PreparedCase prepared;
  prepared.items = double(problem.m);
  prepared.unit = "rows";
  const auto m = double(problem.m);
  const auto n = double(problem.n);
  const auto k = double(problem.k);
  prepared.flop = 2.0 * m * n * k;
  prepared.bytes = double(size_of(problem.a_dtype)) * (m * k + k * n) +
                   double(size_of(problem.c_dtype)) * (problem.accumulate ? 2.0 : 1.0) * m * n;
  Rotation<Operands> operands(context.device(), std::size_t(prepared.bytes),
                              [&] { return make_operands(context, *kernel, problem); });
  auto held = std::make_shared<PreparedProduct>(std::move(kernel), std::move(operands));
  prepared.run = [held, problem, &context] {
    const Operands& set = held->operands.next();
    held->kernel->run(context, {.a = set.a.tensor,
                                .b = set.b.tensor,
                                .bias = problem.bias ? set.bias.tensor : Tensor{},
                                .c = set.c.tensor,
                                .scratch = set.scratch.tensor});
  };
  return prepared;
}

}  // namespace

std::vector<BenchCase> matmul_cases(const BenchRequest& request) {
  const std::vector<std::string> own = {"lrcn"};
  std::vector<BenchCase> cases;
  for (const std::string& list : request.shapes.empty() ? own : request.shapes) {
    for (const ShapeRow& row : read_shapes(find_shapes("matmul", list), true, kColumns)) {
      for (const Product& product : products_of(row.values[0], row.values[1], row.values[2])) {
        for (const Choice& choice : choices_of(request.device)) {
          const auto prepared = [problem = product.problem,
                                 provider = choice.provider](Context& context) {
            return prepare(context, problem, provider);
          };
          cases.push_back({"matmul", row.name, prepared, product.direction, choice.name});
        }
      }
    }
  }
  return cases;
}

}  // namespace lrcn
