// A model that is compiled and fed for a measurement.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "layers/graph/program.h"

namespace lrcn {

// Kept alive by the closure that runs it.
struct PreparedProgram {
  explicit PreparedProgram(Device device) : params(device, 1) {}

  // `last`: the output, or for training the loss.
  void compile(Context& context, Value last, bool training);
  // f32 inputs: uniform in [0, 1); i32 inputs: uniform in 0 .. ids - 1.
  void fill_inputs(std::int32_t ids);
  // Which kernels were chosen, each with the number of layers that use it.
  std::string kernels() const;

  Graph graph;
  ParamStore params;
  std::optional<Program> program;
};

}  // namespace lrcn
