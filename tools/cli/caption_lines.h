// Lines of a file or a pipe, with a wait that can be given up.
#pragma once

#include <filesystem>
#include <string>

#include "core/io/descriptor.h"
#include "tools/train/task.h"

namespace lrcn {

class LineReader {
 public:
  // Throws NotFoundError, IoError.
  static LineReader of_file(const std::filesystem::path& path);
  static LineReader of_standard_input();

  // The next line without its end (LF or CRLF); a last one without end counts. False at the end of
  // the input and, when nothing comes for a while, once `stop` becomes true. Throws IoError.
  bool next(std::string& line, const StopRequested& stop);

 private:
  LineReader(Descriptor descriptor, std::filesystem::path name)
      : descriptor_(std::move(descriptor)), name_(std::move(name)) {}
  bool wait(const StopRequested& stop) const;

  Descriptor descriptor_;
  std::filesystem::path name_;
  std::string buffer_;
  std::size_t begin_ = 0;  // of what has not been handed out
  bool ended_ = false;
};

}  // namespace lrcn
