// What a compiled program consists of; shared by the compiler (compiler.cpp) and the runner
// (program.cpp).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "layers/graph/program.h"

namespace lrcn {

// A tensor of the program: a block of the arena or of the persistent memory under one spec.
struct PlacedTensor {
  enum class Home { absent, arena, persistent };
  Home home = Home::absent;
  int block = -1;  // index into MemoryPlan::blocks, or into Impl::persistent
  TensorSpec spec;
};

// One layer that runs, with the tensors of its frames.
struct ProgramStep {
  struct Tensors {
    std::vector<PlacedTensor> placed;
    std::vector<Tensor> views;  // filled by bind()
  };
  // sum += addend, after the backward call of this step: a gradient that flows in from several
  // layers.
  struct Addition {
    Tensors sum_and_addend;
  };

  std::string name;
  std::unique_ptr<Layer> layer;
  std::vector<TensorSpec> outputs;
  std::vector<int> params;
  std::vector<Planner::SlotKind> slot_kinds;
  bool has_backward = false;
  bool aliases_input = false;
  bool is_frozen = true;  // has no parameter that is trained

  Tensors x, y, slots;                             // forward
  Tensors kept_x, kept_y, dy, dx, backward_slots;  // backward
  std::vector<Tensor> param_views, grad_views;
  std::vector<Addition> additions;
};

struct Program::Impl {
  Device device;
  ParamStore* params = nullptr;
  std::shared_ptr<Arena> arena;
  bool poison = false;

  std::vector<ProgramStep> steps;
  MemoryPlan memory;
  // From the seed that its owner wrote to the gradient that layers may overwrite and add to; made
  // at the start of backward.
  std::vector<ProgramStep::Tensors> seed_copies;
  std::vector<OwnedTensor> persistent;
  std::map<Value, PlacedTensor> readable;   // inputs and outputs
  std::map<Value, PlacedTensor> gradients;  // seeds and input gradients
  std::map<std::string, Value, std::less<>> inputs;

  bool bound = false;
  std::uint64_t arena_generation = 0;
  std::uint64_t params_generation = 0;
  std::uint64_t params_version = 0;
  std::uint64_t frozen_params_version = 0;
  bool ran_forward = false;

  Tensor resolve(const PlacedTensor& placed) const;
  // Looks all views up again when the arena or the parameters have moved.
  void bind();
};

}  // namespace lrcn
