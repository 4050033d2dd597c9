#include "layers/graph/program.h"

#include <algorithm>
#include <sstream>

#include "core/error.h"
#include "core/transfer.h"
#include "kernels/elementwise.h"
#include "layers/graph/program_impl.h"

namespace lrcn {
namespace {

constexpr std::uint8_t kNanByte = 0xff;

Frame forward_frame(const ProgramStep& step, bool params_changed) {
  return {.x = step.x.views,
          .y = step.y.views,
          .dy = {},
          .dx = {},
          .params = step.param_views,
          .grads = {},
          .slots = step.slots.views,
          .params_changed = params_changed};
}

Frame backward_frame(const ProgramStep& step) {
  return {.x = step.kept_x.views,
          .y = step.kept_y.views,
          .dy = step.dy.views,
          .dx = step.dx.views,
          .params = step.param_views,
          .grads = step.grad_views,
          .slots = step.backward_slots.views,
          .params_changed = false};
}

void poison(Context& context, const std::vector<Tensor>& tensors) {
  for (const Tensor& tensor : tensors) {
    if (tensor) {
      set_bytes(context, tensor, kNanByte);
    }
  }
}

void poison_slots(Context& context, const ProgramStep& step, const std::vector<Tensor>& views,
                  std::initializer_list<Planner::SlotKind> kinds) {
  for (std::size_t i = 0; i < views.size(); ++i) {
    if (std::find(kinds.begin(), kinds.end(), step.slot_kinds[i]) != kinds.end()) {
      poison(context, {views[i]});
    }
  }
}

// A device reports no layers: says in which of them its error showed.
template <class Call>
void run_layer(const ProgramStep& step, const char* direction, const Call& call) {
  try {
    call();
  } catch (const DeviceError& error) {
    fail<DeviceError>(step.name, " (", step.layer->type(), "), ", direction, ": ", error.what());
  }
}

}  // namespace

void Arena::reserve(std::size_t bytes) {
  if (bytes > buffer_.bytes()) {
    buffer_ = {};  // first give back, so that old and new need not fit together
    buffer_ = Buffer::allocate(device_, bytes);
    ++generation_;
  }
}

Program::Program(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Program::Program(Program&&) noexcept = default;
Program& Program::operator=(Program&&) noexcept = default;
Program::~Program() = default;

Tensor Program::Impl::resolve(const PlacedTensor& placed) const {
  switch (placed.home) {
    case PlacedTensor::Home::absent:
      return {};
    case PlacedTensor::Home::arena:
      return arena->buffer().view(memory.blocks[std::size_t(placed.block)].offset, placed.spec);
    case PlacedTensor::Home::persistent:
      return persistent[std::size_t(placed.block)].buffer.view(0, placed.spec);
  }
  return {};
}

void Program::Impl::bind() {
  if (bound && arena_generation == arena->generation() &&
      params_generation == params->generation()) {
    return;
  }
  const auto look_up = [this](ProgramStep::Tensors& tensors) {
    tensors.views.clear();
    for (const PlacedTensor& placed : tensors.placed) {
      tensors.views.push_back(resolve(placed));
    }
  };
  for (ProgramStep::Tensors& copy : seed_copies) {
    look_up(copy);
  }
  for (ProgramStep& step : steps) {
    for (auto* tensors : {&step.x, &step.y, &step.slots, &step.kept_x, &step.kept_y, &step.dy,
                          &step.dx, &step.backward_slots}) {
      look_up(*tensors);
    }
    for (ProgramStep::Addition& addition : step.additions) {
      look_up(addition.sum_and_addend);
    }
    step.param_views.clear();
    step.grad_views.clear();
    for (const int index : step.params) {
      step.param_views.push_back(params->value(index));
      step.grad_views.push_back(step.has_backward ? params->gradient(index) : Tensor{});
    }
  }
  bound = true;
  arena_generation = arena->generation();
  params_generation = params->generation();
  // Whatever was packed belongs to other memory.
  params_version = params->version() - 1;
  frozen_params_version = params->frozen_version() - 1;
}

Tensor Program::value(Value value) const {
  const auto found = impl_->readable.find(value);
  check(found != impl_->readable.end(), "program: value ", value.node, ':', value.output,
        " is neither an input nor among CompileOptions::outputs");
  return impl_->resolve(found->second);
}

Tensor Program::input(std::string_view name) const {
  const auto found = impl_->inputs.find(name);
  check(found != impl_->inputs.end(), "program: there is no input '", name,
        "' that its outputs depend on");
  return value(found->second);
}

Tensor Program::gradient(Value value) const {
  const auto found = impl_->gradients.find(value);
  check(found != impl_->gradients.end(), "program: value ", value.node, ':', value.output,
        " is neither a seed nor among CompileOptions::input_gradients");
  return impl_->resolve(found->second);
}

void Program::forward(Context& context) {
  check(context.device() == impl_->device, "program: compiled for ", impl_->device, ", run on ",
        context.device());
  impl_->bind();
  const ParamStore& params = *impl_->params;
  const bool changed = impl_->params_version != params.version();
  const bool frozen_changed = impl_->frozen_params_version != params.frozen_version();
  impl_->params_version = params.version();
  impl_->frozen_params_version = params.frozen_version();
  for (ProgramStep& step : impl_->steps) {
    if (impl_->poison) {
      poison_slots(context, step, step.slots.views,
                   {Planner::SlotKind::saved, Planner::SlotKind::scratch});
      if (!step.aliases_input) {
        poison(context, step.y.views);
      }
    }
    run_layer(step, "forward", [&] {
      step.layer->forward(context, forward_frame(step, step.is_frozen ? frozen_changed : changed));
    });
  }
  impl_->ran_forward = true;
}

void Program::backward(Context& context) {
  check(impl_->ran_forward, "program: backward needs a forward before it");
  for (const ProgramStep::Tensors& copy : impl_->seed_copies) {
    copy_to(context, copy.views[0], copy.views[1]);
  }
  for (auto step = impl_->steps.rbegin(); step != impl_->steps.rend(); ++step) {
    if (!step->has_backward) {
      continue;
    }
    if (impl_->poison) {
      poison_slots(context, *step, step->backward_slots.views, {Planner::SlotKind::scratch});
      if (!step->aliases_input) {
        poison(context, step->dx.views);
      }
    }
    run_layer(*step, "backward", [&] { step->layer->backward(context, backward_frame(*step)); });
    for (const ProgramStep::Addition& addition : step->additions) {
      const std::vector<Tensor>& views = addition.sum_and_addend.views;
      add_in_place(context, views[1], views[0]);
    }
  }
  impl_->ran_forward = false;
}

RepeatedWork::Key Program::revision() const {
  const ParamStore& params = *impl_->params;
  RepeatedWork::Key key = {impl_->arena->generation(), params.generation(),
                           params.frozen_version()};
  // A layer with a backward pass packs its weights every time.
  const bool packs_when_changed =
      std::any_of(impl_->steps.begin(), impl_->steps.end(),
                  [](const ProgramStep& step) { return !step.is_frozen && !step.has_backward; });
  if (packs_when_changed) {
    key.push_back(params.version());
  }
  return key;
}

const MemoryPlan& Program::memory() const { return impl_->memory; }

std::vector<std::string> Program::describe() const {
  std::vector<std::string> lines;
  for (const ProgramStep& step : impl_->steps) {
    std::ostringstream line;
    line << step.name << "  " << step.layer->type();
    for (const TensorSpec& spec : step.outputs) {
      line << "  " << spec;
    }
    if (const std::string kernels = step.layer->kernels(); !kernels.empty()) {
      line << "  (" << kernels << ')';
    }
    lines.push_back(line.str());
  }
  return lines;
}

}  // namespace lrcn
