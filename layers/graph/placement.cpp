// The memory half of the compiler: lifetimes of values, slots and gradients.
//
// Time runs over the forward calls (step + 1) and then over the backward calls in reverse order.
// Inputs are written at time 0; what is read from outside lives to the end.
#include <algorithm>

#include "core/error.h"
#include "layers/graph/compiler.h"

namespace lrcn {
namespace {

using Home = PlacedTensor::Home;

}  // namespace

int Compiler::add_block(std::string name, const TensorSpec& spec, int first, int last) {
  blocks_.push_back({std::move(name), spec.bytes(), first, last, 0});
  return int(blocks_.size()) - 1;
}

void Compiler::extend(const PlacedTensor& placed, int time) {
  if (placed.home == Home::arena) {
    MemoryBlock& block = blocks_[std::size_t(placed.block)];
    block.first = std::min(block.first, time);
    block.last = std::max(block.last, time);
  }
}

PlacedTensor Compiler::add_persistent(const TensorSpec& spec) {
  OwnedTensor owned;
  owned.buffer = Buffer::allocate(context_.device(), std::max<std::size_t>(spec.bytes(), 64));
  owned.tensor = owned.buffer.view(0, spec);
  impl_->persistent.push_back(std::move(owned));
  return {Home::persistent, int(impl_->persistent.size()) - 1, spec};
}

void Compiler::place_values() {
  const auto placed = [&](int tracked) {
    const Tracked& value = tracked_[std::size_t(tracked)];
    return PlacedTensor{Home::arena, value.block, value.spec};
  };
  for (Tracked& value : tracked_) {
    const int born = value.step < 0 ? 0 : forward_time(value.step);
    const bool alias = value.step >= 0 && impl_->steps[std::size_t(value.step)].aliases_input;
    value.block = alias ? tracked_[std::size_t(sources_[std::size_t(value.step)].inputs[0])].block
                        : add_block(value.name, value.spec, born, born);
    extend({Home::arena, value.block, value.spec}, born);
  }
  for (int index = 0; index < int(impl_->steps.size()); ++index) {
    ProgramStep& step = impl_->steps[std::size_t(index)];
    const Source& source = sources_[std::size_t(index)];
    for (std::size_t i = 0; i < source.inputs.size(); ++i) {
      const PlacedTensor x = placed(source.inputs[i]);
      step.x.placed.push_back(x);
      extend(x, forward_time(index));
      const bool kept = step.has_backward && source.planner->keeps_input(int(i));
      step.kept_x.placed.push_back(kept ? x : PlacedTensor{});
      if (kept) {
        extend(x, backward_time(index));
      }
    }
    for (std::size_t i = 0; i < source.outputs.size(); ++i) {
      const PlacedTensor y = placed(source.outputs[i]);
      step.y.placed.push_back(y);
      const bool kept = step.has_backward && source.planner->keeps_output(int(i));
      step.kept_y.placed.push_back(kept ? y : PlacedTensor{});
      if (kept) {
        extend(y, backward_time(index));
      }
    }
  }
  for (const auto& [name, value] : impl_->inputs) {
    impl_->readable[value] = placed(tracked_of(value));
    extend(placed(tracked_of(value)), end_time());
  }
  for (const Value& output : options_.outputs) {
    const int tracked = tracked_of(output);
    impl_->readable[output] = placed(tracked);
    extend(placed(tracked), end_time());
  }
}

void Compiler::place_slots() {
  for (int index = 0; index < int(impl_->steps.size()); ++index) {
    ProgramStep& step = impl_->steps[std::size_t(index)];
    for (const Planner::Slot& slot : sources_[std::size_t(index)].planner->slots()) {
      const std::string name = step.name + ':' + slot.name;
      const int forward = forward_time(index);
      const int backward = backward_time(index);
      PlacedTensor in_forward;
      PlacedTensor in_backward;
      switch (slot.kind) {
        case Planner::SlotKind::persistent:
          in_forward = in_backward = add_persistent(slot.spec);
          break;
        case Planner::SlotKind::saved:
          in_forward = {Home::arena,
                        add_block(name, slot.spec, forward, step.has_backward ? backward : forward),
                        slot.spec};
          in_backward = step.has_backward ? in_forward : PlacedTensor{};
          break;
        case Planner::SlotKind::scratch:
          in_forward = {Home::arena, add_block(name, slot.spec, forward, forward), slot.spec};
          if (step.has_backward) {
            in_backward = {Home::arena,
                           add_block(name + " (backward)", slot.spec, backward, backward),
                           slot.spec};
          }
          break;
      }
      step.slots.placed.push_back(in_forward);
      step.backward_slots.placed.push_back(in_backward);
    }
  }
}

void Compiler::place_seeds() {
  for (const Value& seed : options_.seeds) {
    Tracked& tracked = tracked_[std::size_t(tracked_of(seed))];
    check(tracked.spec.dtype == DType::f32, "compile: the seed '", tracked.name, "' is not f32");
    const PlacedTensor given = add_persistent(tracked.spec);
    impl_->gradients[seed] = given;
    const int start = backward_time(int(impl_->steps.size()) - 1);
    tracked.gradient = {Home::arena,
                        add_block("gradient of " + tracked.name, tracked.spec, start, start),
                        tracked.spec};
    impl_->seed_copies.push_back({{given, tracked.gradient}, {}});
  }
}

// Backward runs from the last step to the first, so all consumers of a value come before its
// producer: the first consumer writes the gradient, the others write an addend that is added to it.
void Compiler::place_gradients() {
  for (int index = int(impl_->steps.size()) - 1; index >= 0; --index) {
    ProgramStep& step = impl_->steps[std::size_t(index)];
    const Source& source = sources_[std::size_t(index)];
    bool any = false;
    for (const int output : source.outputs) {
      const PlacedTensor& gradient = tracked_[std::size_t(output)].gradient;
      step.dy.placed.push_back(step.has_backward ? gradient : PlacedTensor{});
      any = any || gradient.home != Home::absent;
      extend(gradient, backward_time(index));
    }
    step.has_backward = step.has_backward && any;
    for (std::size_t i = 0; i < source.inputs.size(); ++i) {
      place_input_gradient(index, i);
    }
  }
  for (const Value& input : options_.input_gradients) {
    Tracked& tracked = tracked_[std::size_t(tracked_of(input))];
    check(tracked.gradient.home != Home::absent, "compile: no seed depends on the input '",
          tracked.name, "'");
    impl_->gradients[input] = tracked.gradient;
    extend(tracked.gradient, end_time());
  }
}

void Compiler::place_input_gradient(int index, std::size_t i) {
  ProgramStep& step = impl_->steps[std::size_t(index)];
  const Source& source = sources_[std::size_t(index)];
  Tracked& value = tracked_[std::size_t(source.inputs[i])];
  if (!step.has_backward || !source.planner->needs_dx(int(i))) {
    step.dx.placed.push_back({});
    return;
  }
  const int time = backward_time(index);
  const bool first = value.gradient.home == Home::absent;
  PlacedTensor dx;
  if (step.aliases_input) {
    dx = {step.dy.placed[0].home, step.dy.placed[0].block, value.spec};
    extend(dx, time);
  } else {
    dx = {Home::arena, -1, value.spec};
    dx.block = add_block((first ? "gradient of " : "another gradient of ") + value.name, value.spec,
                         time, time);
  }
  step.dx.placed.push_back(dx);
  if (first) {
    value.gradient = dx;
  } else {
    extend(value.gradient, time);
    step.additions.push_back({{{value.gradient, dx}, {}}});
  }
}

}  // namespace lrcn
