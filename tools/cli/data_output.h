// Where the data of a verb go: standard output, or a file that appears only when all is written.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "core/io/file.h"

namespace lrcn {

// To call first thing in main. From then on a closed pipe is an error of write() instead of a
// signal, and a standard stream that the caller has closed refuses reads and writes; otherwise the
// next file that is opened would take its number and receive what is meant for the stream.
void prepare_standard_streams();

class DataOutput {
 public:
  // An empty path is standard output. A file is created under a temporary name right away, so that
  // a folder that cannot be written to is found before any work is done. Throws IoError.
  explicit DataOutput(const std::filesystem::path& file = {});
  ~DataOutput();
  DataOutput(DataOutput&&) noexcept;
  DataOutput& operator=(DataOutput&&) = delete;

  bool is_file() const { return file_ != nullptr; }
  // Buffered. Throws IoError.
  void write(std::string_view text);
  // Brings to standard output what is buffered, so that a reader sees it. Throws IoError.
  void flush();
  // Ends the output: flushes, or puts the file in its place. Without it a file is discarded.
  void finish();

 private:
  void drain();

  std::string buffer_;
  std::unique_ptr<AtomicFile> file_;
  std::unique_ptr<Descriptor> stream_;
};

// All of it to standard output.
void print_data(std::string_view text);

}  // namespace lrcn
