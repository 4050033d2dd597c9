// The system calls under core/io/file.h, as a seam: tests make each of them fail.
#pragma once

#include <sys/types.h>

#include <cstddef>

namespace lrcn {

// Every call behaves as the POSIX function of its name: -1 and errno on failure.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  virtual int open(const char* path, int flags, mode_t mode) const = 0;
  virtual ssize_t read(int descriptor, void* data, std::size_t size) const = 0;
  virtual ssize_t write(int descriptor, const void* data, std::size_t size) const = 0;
  virtual int fsync(int descriptor) const = 0;
  virtual int close(int descriptor) const = 0;
  virtual int rename(const char* from, const char* to) const = 0;
  // Swaps two names in one step: renameat2 with RENAME_EXCHANGE.
  virtual int exchange(const char* first, const char* second) const = 0;
  virtual int unlink(const char* path) const = 0;
  virtual int rmdir(const char* path) const = 0;
};

// The system itself; it has no state.
const FileSystem& posix_file_system();

}  // namespace lrcn
