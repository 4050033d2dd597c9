#include "core/io/file_system.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

namespace lrcn {
namespace {

class PosixFileSystem final : public FileSystem {
 public:
  int open(const char* path, int flags, mode_t mode) const override {
    return ::open(path, flags, mode);
  }
  ssize_t read(int descriptor, void* data, std::size_t size) const override {
    return ::read(descriptor, data, size);
  }
  ssize_t write(int descriptor, const void* data, std::size_t size) const override {
    return ::write(descriptor, data, size);
  }
  int fsync(int descriptor) const override { return ::fsync(descriptor); }
  int close(int descriptor) const override { return ::close(descriptor); }
  int rename(const char* from, const char* to) const override { return ::rename(from, to); }
  int exchange(const char* first, const char* second) const override {
    return ::renameat2(AT_FDCWD, first, AT_FDCWD, second, RENAME_EXCHANGE);
  }
  int unlink(const char* path) const override { return ::unlink(path); }
  int rmdir(const char* path) const override { return ::rmdir(path); }
};

}  // namespace

const FileSystem& posix_file_system() {
  static const PosixFileSystem system;
  return system;
}

}  // namespace lrcn
