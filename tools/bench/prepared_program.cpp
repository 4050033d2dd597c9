#include "tools/bench/prepared_program.h"

#include <map>

#include "core/error.h"
#include "core/rng.h"
#include "core/transfer.h"

namespace lrcn {

void PreparedProgram::compile(Context& context, Value last, bool training) {
  CompileOptions options;
  options.outputs = {last};
  if (training) {
    options.phase = Phase::train;
    options.seeds = {last};
  }
  program = Program::compile(context, graph, params, options);
}

void PreparedProgram::fill_inputs(std::int32_t ids) {
  for (const Graph::Node& node : graph.nodes()) {
    if (node.make) {
      continue;
    }
    const Random random(1, Purpose::generate, hash_of(node.name));
    const Tensor tensor = program->input(node.name);
    const std::size_t size = std::size_t(tensor.elements());
    if (node.spec.dtype == DType::f32) {
      std::vector<float> values(size);
      for (std::size_t i = 0; i < size; ++i) {
        values[i] = random.uniform(0, i);
      }
      upload(tensor, values.data());
    } else {
      std::vector<std::int32_t> values(size);
      for (std::size_t i = 0; i < size; ++i) {
        values[i] = std::int32_t(random.below(std::uint32_t(ids), 0, i));
      }
      upload(tensor, values.data());
    }
  }
}

std::string PreparedProgram::kernels() const {
  std::map<std::string, int> counts;
  for (const std::string& line : program->describe()) {
    const std::size_t open = line.rfind('(');
    if (open != std::string::npos && line.back() == ')') {
      ++counts[line.substr(open + 1, line.size() - open - 2)];
    }
  }
  std::string text;
  for (const auto& [kernel, count] : counts) {
    text += concat(text.empty() ? "" : "; ", count, "x ", kernel);
  }
  return text;
}

}  // namespace lrcn
