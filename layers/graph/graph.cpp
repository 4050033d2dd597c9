#include "layers/graph/graph.h"

#include <algorithm>

#include "core/error.h"

namespace lrcn {

Value Graph::input(std::string name, const TensorSpec& spec) {
  return add_node({std::move(name), {}, {}, spec});
}

Value Graph::find_input(std::string_view name) const {
  const auto found = std::find_if(nodes_.begin(), nodes_.end(), [&](const Node& node) {
    return !node.make && node.name == name;
  });
  check(found != nodes_.end(), "graph: there is no input '", name, "'");
  return {int(found - nodes_.begin()), 0};
}

Value Graph::add_node(Node node) {
  const bool taken = std::any_of(nodes_.begin(), nodes_.end(),
                                 [&](const Node& other) { return other.name == node.name; });
  check(!taken, "graph: the name '", node.name, "' is taken");
  for (const Value& value : node.inputs) {
    check(value.node >= 0 && value.node < int(nodes_.size()) && value.output >= 0, "graph: input ",
          value.node, ':', value.output, " of '", node.name, "' is not a value of this graph");
  }
  nodes_.push_back(std::move(node));
  return {int(nodes_.size()) - 1, 0};
}

}  // namespace lrcn
