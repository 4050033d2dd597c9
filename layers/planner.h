// What a layer says and learns while it is planned.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/context.h"
#include "core/shape.h"
#include "layers/graph/initializer.h"

namespace lrcn {

class ParamStore;

enum class Phase { train, evaluate };

// The element type of activations and their gradients: bf16 on CUDA at that precision, otherwise
// f32. Parameters and their gradients are f32 throughout.
DType activation_dtype(const Context& context);

struct ParamOptions {
  float lr_mult = 1.0f;
  float decay_mult = 1.0f;
};

// Made by the compiler for one layer. Indices that it returns are positions in Frame.
class Planner {
 public:
  struct Input {
    TensorSpec spec;  // as the producer lays it out
    bool needs_gradient = false;
  };
  enum class SlotKind { saved, scratch, persistent };
  struct Slot {
    std::string name;
    TensorSpec spec;
    SlotKind kind;
  };

  Planner(Context& context, ParamStore& store, std::string path, Phase phase,
          std::vector<Input> inputs, bool reaches_loss);

  // --- what the layer asks ---
  Context& context() const { return context_; }
  // Path of the layer in the graph, for example "encoder.features.0".
  const std::string& path() const { return path_; }
  Phase phase() const { return phase_; }
  int input_count() const { return int(inputs_.size()); }
  // Input i as the layer will see it: plain, and f32 where the producer left bf16, unless it said
  // otherwise.
  const TensorSpec& input(int i) const;
  // Whether dx[i] will have to be written.
  bool needs_dx(int i) const;
  // Whether backward() will be called. Declare the parameters first: a frozen one asks for nothing.
  bool backward() const;
  // Throws ArgumentError unless the number of inputs is within [low, high].
  void expect_inputs(int low, int high) const;

  // Of the context; for a layer that has kernels for it.
  DType activation_dtype() const { return lrcn::activation_dtype(context_); }

  // --- what the layer says ---
  // Takes input i in the layout in which the producer left it.
  void accept_layout(int i);
  // Asks for input i in `layout`; the compiler inserts a reorder where needed.
  void request_layout(int i, Layout layout);
  // The same for f32 and bf16; an input of another type stays what it is.
  void accept_dtype(int i);
  void request_dtype(int i, DType dtype);
  // A trainable array "path.name"; layers with the same path share it. Returns its index.
  int param(std::string_view name, const Shape& shape, const Initializer& initializer,
            const ParamOptions& options = {});
  // Memory that lives from forward to backward / during one call / as long as the program.
  int saved(std::string_view name, const TensorSpec& spec);
  int scratch(std::string_view name, const TensorSpec& spec);
  int persistent(std::string_view name, const TensorSpec& spec);
  // Backward reads x[i] / y[i]; what is not asked for is absent there.
  void keep_input(int i) { kept_inputs_.at(std::size_t(i)) = true; }
  void keep_output(int i);
  // Output 0 is the memory of input 0 under another shape, and so are their gradients.
  void alias_input() { aliases_input_ = true; }

  // --- what the compiler reads afterwards ---
  const std::vector<int>& params() const { return params_; }
  const std::vector<Slot>& slots() const { return slots_; }
  bool keeps_input(int i) const { return kept_inputs_.at(std::size_t(i)); }
  bool keeps_output(int i) const;
  bool aliases_input() const { return aliases_input_; }

 private:
  int slot(std::string_view name, const TensorSpec& spec, SlotKind kind);

  Context& context_;
  ParamStore& store_;
  std::string path_;
  Phase phase_;
  std::vector<Input> inputs_;
  bool reaches_loss_;
  std::vector<bool> kept_inputs_;
  std::vector<int> kept_outputs_;
  bool aliases_input_ = false;
  std::vector<TensorSpec> wanted_;
  std::vector<int> params_;
  std::vector<Slot> slots_;
};

}  // namespace lrcn
