// The description of a model: named inputs and layers. Nothing is computed here; Program compiles
// it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "layers/layer.h"

namespace lrcn {

// One output of one node of a graph.
struct Value {
  int node = -1;
  int output = 0;

  // Another output of the same node, for layers with several.
  Value at(int index) const { return {node, index}; }
  explicit operator bool() const { return node >= 0; }
  friend auto operator<=>(const Value&, const Value&) = default;
};

class Graph {
 public:
  // Makes a fresh, unplanned copy of a layer, so that one graph can be compiled many times.
  using LayerFactory = std::function<std::unique_ptr<Layer>()>;

  struct Node {
    std::string name;
    LayerFactory make;  // empty for an input
    std::vector<Value> inputs;
    TensorSpec spec;  // of an input
  };

  // Throws ArgumentError when the name is taken.
  Value input(std::string name, const TensorSpec& spec);
  // Adds a layer reading `inputs`; names are paths ("decoder.lstm1") and prefix its parameters. Two
  // nodes may have the same parameters only through share(). Throws ArgumentError when the name is
  // taken or an input is not of this graph.
  template <class L>
  Value add(std::string name, L layer, std::vector<Value> inputs) {
    static_assert(std::is_base_of_v<Layer, L>);
    return add_node({std::move(name),
                     [layer = std::move(layer)] { return std::make_unique<L>(layer); },
                     std::move(inputs),
                     {}});
  }

  const std::vector<Node>& nodes() const { return nodes_; }
  // The input of that name; throws ArgumentError when there is none.
  Value find_input(std::string_view name) const;

 private:
  Value add_node(Node node);

  std::vector<Node> nodes_;
};

}  // namespace lrcn
