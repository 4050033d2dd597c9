// metrics.jsonl: one JSON object a line, each step once however often a run was resumed.
#pragma once

#include <cstdint>
#include <filesystem>

#include "core/io/descriptor.h"
#include "core/io/json.h"

namespace lrcn {

class MetricsLog {
 public:
  // Opens for appending. Lines of an earlier run stay when their "step" is at most `last_step` (-1:
  // none stay); a last line that a crash has cut goes. Throws DataError naming the line for any
  // other line that is no object with a "step", IoError.
  MetricsLog(std::filesystem::path path, std::int64_t last_step,
             const FileSystem& files = posix_file_system());

  // Writes `record`, an object with a "step", at once. Throws IoError.
  void append(const Json& record);
  // Brings all lines to the disk.
  void sync();

 private:
  std::filesystem::path path_;
  Descriptor file_;
};

}  // namespace lrcn
