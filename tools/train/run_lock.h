// One training at a time in the folder of a run.
#pragma once

#include <filesystem>

#include "core/io/descriptor.h"

namespace lrcn {

// Holds RUN/.lock while it lives. The system lets go of it however the process ends, so a file that
// is left behind locks nobody out. File systems without locks are used without one.
class RunLock {
 public:
  // Makes the folder when it is absent. Throws ArgumentError when another training holds the lock,
  // IoError.
  explicit RunLock(const std::filesystem::path& run);

 private:
  Descriptor file_;
};

}  // namespace lrcn
