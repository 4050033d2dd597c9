#include "kernels/cuda/cudnn/convolution_plan.h"

#include <algorithm>
#include <utility>

namespace lrcn::cuda {
namespace {

using Notes = std::vector<cudnnBackendNumericalNote_t>;

// Which engines may run a graph.
struct Limits {
  bool tensor_cores;  // of tf32 or bf16 factors
  std::size_t workspace_bytes;
};

bool permits(const Limits& limits, const Notes& notes) {
  return std::none_of(notes.begin(), notes.end(), [&](cudnnBackendNumericalNote_t note) {
    switch (note) {
      case CUDNN_NUMERICAL_NOTE_TENSOR_CORE:
        return !limits.tensor_cores;
      case CUDNN_NUMERICAL_NOTE_WINOGRAD:
      case CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_4x4:
      case CUDNN_NUMERICAL_NOTE_STRICT_NAN_PROP:
        return false;
      default:
        return true;
    }
  });
}

// The engine configurations that cuDNN's heuristics name, best first.
std::vector<CudnnDescriptor> configurations_of(const CudnnTarget& target,
                                               const CudnnDescriptor& graph,
                                               cudnnBackendHeurMode_t mode) {
  CudnnDescriptor heuristics(*target.cudnn, CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR, "heuristics");
  heuristics.set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph)
      .set(CUDNN_ATTR_ENGINEHEUR_MODE, mode);
  if (target.device != nullptr) {
    heuristics.set(CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, *target.device);
  }
  std::vector<CudnnDescriptor> configurations;
  if (!heuristics.finalizes()) {
    return configurations;
  }
  const std::int64_t count = heuristics.count(CUDNN_ATTR_ENGINEHEUR_RESULTS);
  for (std::int64_t i = 0; i < count; ++i) {
    configurations.emplace_back(*target.cudnn, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR,
                                "configuration of an engine");
  }
  // Fewer may come back than were counted.
  const std::int64_t filled = heuristics.fill(CUDNN_ATTR_ENGINEHEUR_RESULTS, configurations);
  configurations.erase(configurations.begin() + filled, configurations.end());
  return configurations;
}

// nullopt where the engine does not do.
std::optional<CudnnPlan> plan_of(const CudnnTarget& target, CudnnDescriptor& configuration,
                                 const Limits& limits) {
  std::vector<CudnnDescriptor> engine;
  engine.emplace_back(*target.cudnn, CUDNN_BACKEND_ENGINE_DESCRIPTOR, "engine");
  configuration.fill(CUDNN_ATTR_ENGINECFG_ENGINE, engine);
  Notes notes = engine[0].values<cudnnBackendNumericalNote_t>(CUDNN_ATTR_ENGINE_NUMERICAL_NOTE,
                                                              CUDNN_NUMERICAL_NOTE_TYPE_COUNT);
  if (!permits(limits, notes)) {
    return std::nullopt;
  }
  CudnnDescriptor plan(*target.cudnn, CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR, "execution plan");
  plan.set(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, configuration);
  if (target.device != nullptr) {
    plan.set(CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP, *target.device);
  } else {
    plan.set(CUDNN_ATTR_EXECUTION_PLAN_HANDLE, target.handle);
  }
  if (!plan.finalizes()) {
    return std::nullopt;
  }
  const auto bytes = plan.value<std::int64_t>(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE);
  if (bytes < 0 || std::size_t(bytes) > limits.workspace_bytes) {
    return std::nullopt;
  }
  CudnnPlan chosen{.plan = std::move(plan),
                   .tensors = {},
                   .parts = {},
                   .workspace_bytes = std::size_t(bytes),
                   .engine = engine[0].value<std::int64_t>(CUDNN_ATTR_ENGINE_GLOBAL_INDEX),
                   .notes = std::move(notes)};
  chosen.parts.push_back(std::move(configuration));
  chosen.parts.push_back(std::move(engine[0]));
  return chosen;
}

std::optional<CudnnPlan> choose(const CudnnTarget& target, CudnnGraph& operations,
                                const Limits& limits) {
  CudnnDescriptor graph(*target.cudnn, CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR,
                        "graph of operations");
  graph.set(CUDNN_ATTR_OPERATIONGRAPH_OPS, operations.operations());
  if (target.device == nullptr) {
    graph.set(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, target.handle);
  }
  if (!graph.finalizes()) {
    return std::nullopt;
  }
  for (const auto mode : {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK}) {
    for (CudnnDescriptor& configuration : configurations_of(target, graph, mode)) {
      if (auto plan = plan_of(target, configuration, limits)) {
        plan->tensors = operations.tensors();
        for (CudnnDescriptor& part : operations.take_parts()) {
          plan->parts.push_back(std::move(part));
        }
        plan->parts.push_back(std::move(graph));
        return plan;
      }
    }
  }
  return std::nullopt;
}

}  // namespace

void CudnnPlan::execute(cudnnHandle_t handle, const ConvolutionStep::Operands& operands) const {
  std::vector<std::int64_t> ids;
  std::vector<void*> pointers;
  for (const CudnnTensor tensor : tensors) {
    void* pointer = tensor == CudnnTensor::x      ? operands.x
                    : tensor == CudnnTensor::w    ? operands.w
                    : tensor == CudnnTensor::bias ? operands.bias
                                                  : operands.y;
    check(pointer != nullptr && reinterpret_cast<std::uintptr_t>(pointer) % kCudnnAlignment == 0,
          "cudnn: tensors must lie at multiples of ", kCudnnAlignment, " bytes");
    ids.push_back(std::int64_t(tensor));
    pointers.push_back(pointer);
  }
  CudnnDescriptor arguments(plan.cudnn(), CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR, "arguments");
  arguments.set(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, ids)
      .set_pointers(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, pointers)
      .set_pointers(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, {operands.scratch})
      .finalize();
  plan.cudnn().check(plan.cudnn().execute(handle, plan.get(), arguments.get()),
                     "cudnnBackendExecute by engine ", engine);
}

std::optional<CudnnPlan> plan_cudnn_graph(const CudnnTarget& target,
                                          const ConvolutionProblem& problem, const TensorSpec& y,
                                          const CudnnRequest& request) {
  CudnnGraph graph(*target.cudnn, problem, y);
  switch (request.direction) {
    case ConvolutionDirection::forward:
      graph.add_forward(request.epilogue);
      break;
    case ConvolutionDirection::dx:
      graph.add_dx();
      break;
    case ConvolutionDirection::dw:
      graph.add_dw();
      break;
  }
  const bool rounds_factors = problem.precision != Precision::f32 || problem.x.dtype == DType::bf16;
  return choose(target, graph, {rounds_factors, request.workspace_limit});
}

}  // namespace lrcn::cuda
