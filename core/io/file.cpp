// Reading and mapping files.
#include "core/io/file.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "core/error.h"
#include "core/io/descriptor.h"

namespace lrcn {

std::string read_file(const std::filesystem::path& path, const FileSystem& system) {
  const Descriptor descriptor = open_to_read(system, path);
  struct stat status {};
  const bool known = ::fstat(descriptor.value(), &status) == 0 && status.st_size > 0;
  // One more than its size, so that the read which finds the end needs no larger string. The size
  // is only a hint: pipes and files of /proc have none.
  std::string content(known ? std::size_t(status.st_size) + 1 : std::size_t{1} << 16, '\0');
  std::size_t size = 0;
  while (const std::size_t count =
             descriptor.read(content.data() + size, content.size() - size, path)) {
    size += count;
    if (size == content.size()) {
      content.resize(2 * content.size());
    }
  }
  content.resize(size);
  return content;
}

MappedFile::MappedFile(const std::filesystem::path& path) {
  const Descriptor descriptor = open_to_read(posix_file_system(), path);
  struct stat status {};
  if (::fstat(descriptor.value(), &status) < 0) {
    fail_system("stat", path, errno);
  }
  check<IoError>(S_ISREG(status.st_mode), "map ", path.native(), ": expected a regular file");
  if (status.st_size == 0) {
    return;  // an empty mapping is an error to mmap
  }
  const auto size = std::size_t(status.st_size);
  void* memory = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor.value(), 0);
  if (memory == MAP_FAILED) {
    fail_system("map", path, errno);
  }
  bytes_ = {static_cast<const std::byte*>(memory), size};
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) {
    ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
  }
}

MappedFile::MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  return *this;
}

}  // namespace lrcn
