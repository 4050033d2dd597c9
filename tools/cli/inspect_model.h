// Model directories for `lrcn inspect`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/device.h"
#include "layers/planner.h"

namespace lrcn {

struct InspectOptions {
  bool memory = false;   // show the memory plan in place of the layers
  bool tensors = false;  // show every parameter
  std::int64_t batch = 1;
  Phase phase = Phase::evaluate;  // which programs: captioning, or training
  Device device;
};

// Configuration, vocabulary, parameters by part, and the layers that run with the shapes of their
// outputs, or the memory plan of the programs. Throws NotFoundError for files that are absent, and
// DataError for those that are damaged or do not fit together, weights included.
std::string describe_model(const std::filesystem::path& folder, const InspectOptions& options);

}  // namespace lrcn
