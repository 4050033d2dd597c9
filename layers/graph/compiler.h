// Turns a graph into a program: one pass for shapes, fusion and layouts, one for gradients, one for
// memory. docs/design/graph.md explains the order.
#pragma once

#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "layers/graph/program_impl.h"

namespace lrcn {

class Compiler {
 public:
  Compiler(Context& context, const Graph& graph, ParamStore& params, CompileOptions options);

  Program compile();

 private:
  // A value while it is compiled: who makes it, in which layout, and where it and its gradient
  // live.
  struct Tracked {
    std::string name;
    TensorSpec spec;
    int step = -1;  // producer; -1 for an input of the program
    bool needs_gradient = false;
    int block = -1;
    PlacedTensor gradient;  // absent until a consumer or a seed provides it
  };
  struct Source {              // what a step is made from
    std::vector<int> inputs;   // tracked values
    std::vector<int> outputs;  // tracked values
    std::optional<Planner> planner;
  };

  void find_live_nodes();
  void add_input(int node);
  void add_layer(int node);
  void absorb_successors(int node, Layer& layer);
  // The tracked value in the layout and of the type that a consumer asked for; adds steps that
  // reorder and cast when needed.
  int in_form(int tracked, Layout layout, DType dtype);
  int converted(int tracked, const TensorSpec& spec);
  void add_step(std::string name, std::unique_ptr<Layer> layer, std::vector<int> inputs,
                bool reaches_loss);
  std::vector<TensorSpec> plan(Layer& layer, Planner& planner) const;

  void place_values();
  void place_slots();
  void place_seeds();
  void place_gradients();
  void place_input_gradient(int step, std::size_t input);
  void finish();

  int forward_time(int step) const { return step + 1; }
  int backward_time(int step) const { return 2 * int(impl_->steps.size()) - step; }
  int end_time() const { return 2 * int(impl_->steps.size()) + 1; }
  int add_block(std::string name, const TensorSpec& spec, int first, int last);
  void extend(const PlacedTensor& placed, int time);
  PlacedTensor add_persistent(const TensorSpec& spec);
  int tracked_of(Value value) const;

  Context& context_;
  const Graph& graph_;
  ParamStore& params_;
  CompileOptions options_;
  std::unique_ptr<Program::Impl> impl_;

  std::vector<bool> live_;          // nodes that an output or seed depends on
  std::vector<bool> reaches_seed_;  // nodes that a seed depends on
  std::vector<bool> absorbed_;
  std::map<Value, std::vector<int>> consumers_;  // live nodes that read a value
  std::map<Value, int> tracked_values_;
  std::map<std::tuple<int, Layout, DType>, int> converted_;
  std::vector<Tracked> tracked_;
  std::vector<Source> sources_;  // one for each step
  std::vector<MemoryBlock> blocks_;
};

}  // namespace lrcn
