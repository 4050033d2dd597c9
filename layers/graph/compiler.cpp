#include "layers/graph/compiler.h"

#include <algorithm>
#include <sstream>

#include "core/error.h"
#include "kernels/elementwise.h"
#include "layers/graph/conversion_layers.h"

namespace lrcn {

Compiler::Compiler(Context& context, const Graph& graph, ParamStore& params, CompileOptions options)
    : context_(context),
      graph_(graph),
      params_(params),
      options_(std::move(options)),
      impl_(std::make_unique<Program::Impl>()) {
  check(context.device() == params.device(), "compile: the context is on ", context.device(),
        ", the parameters are on ", params.device());
}

Program Compiler::compile() {
  find_live_nodes();
  for (int node = 0; node < int(graph_.nodes().size()); ++node) {
    if (!live_[std::size_t(node)] || absorbed_[std::size_t(node)]) {
      continue;
    }
    if (graph_.nodes()[std::size_t(node)].make) {
      add_layer(node);
    } else {
      add_input(node);
    }
  }
  for (const auto* values : {&options_.outputs, &options_.seeds}) {
    for (const Value& value : *values) {
      const int tracked = tracked_of(value);
      const DType dtype = tracked_[std::size_t(tracked)].spec.dtype;
      tracked_values_[value] =
          in_form(tracked, Layout::plain, dtype == DType::bf16 ? DType::f32 : dtype);
    }
  }
  place_values();
  place_slots();
  place_seeds();
  place_gradients();
  finish();
  return Program(std::move(impl_));
}

void Compiler::find_live_nodes() {
  const auto& nodes = graph_.nodes();
  live_.resize(nodes.size());
  reaches_seed_.resize(nodes.size());
  absorbed_.resize(nodes.size());
  const auto mark = [&](std::vector<bool>& marks, const std::vector<Value>& values) {
    for (const Value& value : values) {
      check(value.node >= 0 && value.node < int(nodes.size()), "compile: ", value.node, ':',
            value.output, " is not a value of the graph");
      marks[std::size_t(value.node)] = true;
    }
  };
  mark(live_, options_.outputs);
  mark(live_, options_.seeds);
  mark(reaches_seed_, options_.seeds);
  for (std::size_t node = nodes.size(); node-- > 0;) {
    if (live_[node]) {
      mark(live_, nodes[node].inputs);
    }
    if (reaches_seed_[node]) {
      mark(reaches_seed_, nodes[node].inputs);
    }
  }
  for (std::size_t node = 0; node < nodes.size(); ++node) {
    for (const Value& input : nodes[node].inputs) {
      if (live_[node]) {
        consumers_[input].push_back(int(node));
      }
    }
  }
}

void Compiler::add_input(int node) {
  const Graph::Node& source = graph_.nodes()[std::size_t(node)];
  const Value value{node, 0};
  const auto& wanted = options_.input_gradients;
  Tracked tracked;
  tracked.name = source.name;
  tracked.spec = source.spec;
  tracked.needs_gradient = std::find(wanted.begin(), wanted.end(), value) != wanted.end();
  check(!tracked.needs_gradient || source.spec.dtype == DType::f32, "compile: input '", source.name,
        "' of type ", source.spec.dtype, " has no gradient");
  tracked_.push_back(std::move(tracked));
  tracked_values_[value] = int(tracked_.size()) - 1;
  impl_->inputs.emplace(source.name, value);
}

void Compiler::add_layer(int node) {
  const Graph::Node& source = graph_.nodes()[std::size_t(node)];
  std::unique_ptr<Layer> layer = source.make();
  std::vector<int> inputs;
  for (const Value& input : source.inputs) {
    inputs.push_back(tracked_of(input));
  }
  if (options_.fuse) {
    absorb_successors(node, *layer);
  }
  add_step(source.name, std::move(layer), std::move(inputs), reaches_seed_[std::size_t(node)]);
  const std::vector<int>& outputs = sources_.back().outputs;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    tracked_values_[{node, int(i)}] = outputs[i];
  }
  // What an absorbed successor would have produced is this layer's output.
  Value value{node, 0};
  for (auto next = consumers_.find(value); next != consumers_.end() && next->second.size() == 1 &&
                                           absorbed_[std::size_t(next->second[0])];
       next = consumers_.find(value)) {
    value = {next->second[0], 0};
    tracked_values_[value] = outputs[0];
  }
}

void Compiler::absorb_successors(int node, Layer& layer) {
  const auto is_read_from_outside = [&](Value value) {
    const auto contains = [&](const std::vector<Value>& values) {
      return std::find(values.begin(), values.end(), value) != values.end();
    };
    return contains(options_.outputs) || contains(options_.seeds);
  };
  for (Value value{node, 0}; !is_read_from_outside(value);) {
    const auto next = consumers_.find(value);
    if (next == consumers_.end() || next->second.size() != 1) {
      return;
    }
    const int successor = next->second[0];
    const Graph::Node& source = graph_.nodes()[std::size_t(successor)];
    if (source.inputs.size() != 1 || !layer.absorb(context_, *source.make())) {
      return;
    }
    absorbed_[std::size_t(successor)] = true;
    value = {successor, 0};
  }
}

int Compiler::in_form(int tracked, Layout layout, DType dtype) {
  TensorSpec spec = tracked_[std::size_t(tracked)].spec;
  // The smaller type is the one to reorder.
  if (size_of(dtype) < size_of(spec.dtype)) {
    spec.dtype = dtype;
    tracked = converted(tracked, spec);
  }
  spec.layout = layout;
  tracked = converted(tracked, spec);
  spec.dtype = dtype;
  return converted(tracked, spec);
}

// By one step; `spec` is that of the value but for its layout or its type.
int Compiler::converted(int tracked, const TensorSpec& spec) {
  const Tracked& value = tracked_[std::size_t(tracked)];
  if (value.spec == spec) {
    return tracked;
  }
  const auto found = converted_.find({tracked, spec.layout, spec.dtype});
  if (found != converted_.end()) {
    return found->second;
  }
  if (value.spec.dtype != spec.dtype) {
    add_step(value.name + concat(".to_", spec.dtype), std::make_unique<CastLayer>(spec.dtype),
             {tracked}, true);
  } else {
    add_step(value.name + concat(".to_", spec.layout), std::make_unique<ReorderLayer>(spec.layout),
             {tracked}, true);
  }
  const int result = sources_.back().outputs[0];
  converted_[{tracked, spec.layout, spec.dtype}] = result;
  return result;
}

void Compiler::add_step(std::string name, std::unique_ptr<Layer> layer, std::vector<int> inputs,
                        bool reaches_loss) {
  std::vector<Planner::Input> planner_inputs;
  for (const int input : inputs) {
    const Tracked& tracked = tracked_[std::size_t(input)];
    planner_inputs.push_back({tracked.spec, tracked.needs_gradient});
  }
  Source source;
  source.planner.emplace(context_, params_, name, options_.phase, std::move(planner_inputs),
                         reaches_loss && !options_.seeds.empty());
  Planner& planner = *source.planner;
  const std::vector<TensorSpec> outputs = plan(*layer, planner);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const TensorSpec& wanted = planner.input(int(i));
    inputs[i] = in_form(inputs[i], wanted.layout, wanted.dtype);
  }

  ProgramStep step;
  step.name = std::move(name);
  step.layer = std::move(layer);
  step.outputs = outputs;
  step.params = planner.params();
  step.has_backward = planner.backward();
  step.aliases_input = planner.aliases_input();
  for (const int param : step.params) {
    step.is_frozen = step.is_frozen && params_.is_frozen(param);
  }
  for (const Planner::Slot& slot : planner.slots()) {
    step.slot_kinds.push_back(slot.kind);
  }
  const int index = int(impl_->steps.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    Tracked tracked;
    tracked.name = i == 0 ? step.name : concat(step.name, ':', i);
    tracked.spec = outputs[i];
    tracked.step = index;
    tracked.needs_gradient =
        step.has_backward && (outputs[i].dtype == DType::f32 || outputs[i].dtype == DType::bf16);
    tracked_.push_back(std::move(tracked));
    source.outputs.push_back(int(tracked_.size()) - 1);
  }
  source.inputs = std::move(inputs);
  impl_->steps.push_back(std::move(step));
  sources_.push_back(std::move(source));
}

std::vector<TensorSpec> Compiler::plan(Layer& layer, Planner& planner) const {
  try {
    return layer.plan(planner);
  } catch (const ArgumentError& error) {
    fail<ArgumentError>(planner.path(), " (", layer.type(), "): ", error.what());
  }
}

int Compiler::tracked_of(Value value) const {
  const auto found = tracked_values_.find(value);
  if (found == tracked_values_.end()) {
    fail<ArgumentError>("compile: '", graph_.nodes()[std::size_t(value.node)].name,
                        "' has no output ", value.output);
  }
  return found->second;
}

void Compiler::finish() {
  params_.allocate(!options_.seeds.empty());
  impl_->device = context_.device();
  impl_->params = &params_;
  impl_->poison = options_.poison;
  impl_->memory = plan_memory(std::move(blocks_));
  impl_->arena = options_.arena ? options_.arena : std::make_shared<Arena>(context_.device());
  try {
    impl_->arena->reserve(std::max<std::size_t>(impl_->memory.arena_bytes, 64));
  } catch (const MemoryError& error) {
    std::ostringstream message;
    message << error.what() << "\nThe largest tensors of the program are:\n";
    print(message, impl_->memory, 10);
    throw MemoryError(message.str());
  }
  // Every seed starts as one; a seed of several elements is written by its owner before backward.
  for (const Value& seed : options_.seeds) {
    fill_with(context_, impl_->resolve(impl_->gradients.at(seed)), 1.0f);
  }
}

Program Program::compile(Context& context, const Graph& graph, ParamStore& params,
                         CompileOptions options) {
  return Compiler(context, graph, params, std::move(options)).compile();
}

}  // namespace lrcn
