#include "core/io/descriptor.h"

#include <fcntl.h>

#include <cerrno>
#include <system_error>

#include "core/error.h"

namespace lrcn {
namespace {

template <class Call>
auto repeat_when_interrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) {
    result = call();
  }
  return result;
}

std::string reason(int code) { return std::generic_category().message(code); }

}  // namespace

void fail_system(std::string_view step, const std::filesystem::path& path, int code) {
  fail<IoError>(step, ' ', path.native(), ": ", reason(code));
}

Descriptor::~Descriptor() {
  if (value_ >= 0) {
    system_->close(value_);
  }
}

std::size_t Descriptor::read(void* data, std::size_t size,
                             const std::filesystem::path& path) const {
  const auto count = repeat_when_interrupted([&] { return system_->read(value_, data, size); });
  if (count < 0) {
    fail_system("read", path, errno);
  }
  return std::size_t(count);
}

void Descriptor::write(const void* data, std::size_t size,
                       const std::filesystem::path& path) const {
  const auto* rest = static_cast<const std::byte*>(data);
  while (size > 0) {
    const auto count = repeat_when_interrupted([&] { return system_->write(value_, rest, size); });
    if (count <= 0) {  // 0 would repeat without end
      fail_system("write", path, count < 0 ? errno : EIO);
    }
    rest += count;
    size -= std::size_t(count);
  }
}

void Descriptor::sync(const std::filesystem::path& path) const {
  if (repeat_when_interrupted([&] { return system_->fsync(value_); }) < 0) {
    fail_system("fsync", path, errno);
  }
}

void Descriptor::close(const std::filesystem::path& path) {
  // Not repeated: Linux has closed the descriptor even when it reports an interruption.
  if (system_->close(std::exchange(value_, -1)) < 0 && errno != EINTR) {
    fail_system("close", path, errno);
  }
}

Descriptor open_to_read(const FileSystem& system, const std::filesystem::path& path) {
  const int value =
      repeat_when_interrupted([&] { return system.open(path.c_str(), O_RDONLY | O_CLOEXEC, 0); });
  if (value < 0) {
    const int code = errno;
    check<NotFoundError>(code != ENOENT && code != ENOTDIR, "open ", path.native(), ": ",
                         reason(code));
    fail_system("open", path, code);
  }
  return {system, value};
}

void sync_folder(const FileSystem& system, const std::filesystem::path& folder) {
  const Descriptor descriptor = open_to_read(system, folder);
  if (repeat_when_interrupted([&] { return system.fsync(descriptor.value()); }) < 0 &&
      errno != EINVAL && errno != ENOTSUP) {
    fail_system("fsync folder", folder, errno);
  }
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : ".";
}

}  // namespace lrcn
