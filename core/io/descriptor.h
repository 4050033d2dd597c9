// An open file, and the errors of system calls: shared by the sources behind core/io/file.h.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>
#include <utility>

#include "core/io/file_system.h"

namespace lrcn {

// Throws IoError "step path: reason" for the errno value `code`.
[[noreturn]] void fail_system(std::string_view step, const std::filesystem::path& path, int code);

// Owns a file descriptor. The calls throw IoError with `step` and `path` and repeat themselves when
// a signal interrupts them.
class Descriptor {
 public:
  Descriptor(const FileSystem& system, int value) : system_(&system), value_(value) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept
      : system_(other.system_), value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;

  int value() const { return value_; }
  // Bytes read; 0 at the end of the file.
  std::size_t read(void* data, std::size_t size, const std::filesystem::path& path) const;
  // Writes all of it.
  void write(const void* data, std::size_t size, const std::filesystem::path& path) const;
  void sync(const std::filesystem::path& path) const;
  void close(const std::filesystem::path& path);

 private:
  const FileSystem* system_;
  int value_;
};

// Opens for reading. Throws NotFoundError when there is nothing of that name.
Descriptor open_to_read(const FileSystem& system, const std::filesystem::path& path);

// Brings the entries of a folder to the disk. File systems that cannot do so do not count as
// failing.
void sync_folder(const FileSystem& system, const std::filesystem::path& folder);

// The folder in which `path` lies; "." for a bare name.
std::filesystem::path folder_of(const std::filesystem::path& path);

}  // namespace lrcn
