// Replacing a file: temporary, fsync, rename, fsync of the folder.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "core/error.h"
#include "core/io/descriptor.h"
#include "core/io/file.h"

namespace lrcn {
namespace {

constexpr int kTemporaryNames = 1000;

// Where the content shall lie: behind a link, and never a device such as /dev/null, which the
// rename would replace.
std::filesystem::path resolve(std::filesystem::path target) {
  check(target.has_filename(), "write: expected the name of a file, got \"", target.native(), '"');
  std::error_code ignored;
  const auto status = std::filesystem::status(target, ignored);
  if (std::filesystem::exists(status)) {
    check<IoError>(std::filesystem::is_regular_file(status), "write ", target.native(),
                   ": expected a regular file or nothing there");
    if (std::filesystem::is_symlink(std::filesystem::symlink_status(target, ignored))) {
      return std::filesystem::canonical(target);
    }
  }
  return target;
}

std::filesystem::path temporary_name(const std::filesystem::path& target, int attempt) {
  return target.parent_path() /
         concat('.', target.filename().native(), '.', ::getpid(), '-', attempt, ".tmp");
}

}  // namespace

AtomicFile::AtomicFile(std::filesystem::path target, const FileSystem& system)
    : system_(system), target_(resolve(std::move(target))) {
  for (int attempt = 0; attempt < kTemporaryNames; ++attempt) {
    temporary_ = temporary_name(target_, attempt);
    const int value =
        system_.open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (value >= 0) {
      descriptor_ = std::make_unique<Descriptor>(system_, value);
      return;
    }
    if (errno != EEXIST && errno != EINTR) {
      break;
    }
  }
  fail_system("create a temporary file for", target_, errno);
}

AtomicFile::~AtomicFile() { abandon(); }

void AtomicFile::write(std::span<const std::byte> bytes) {
  check(descriptor_ != nullptr, "write ", target_.native(),
        ": the file is committed or has failed");
  try {
    descriptor_->write(bytes.data(), bytes.size(), target_);
  } catch (...) {
    abandon();
    throw;
  }
}

void AtomicFile::write(std::string_view text) {
  write(std::as_bytes(std::span(text.data(), text.size())));
}

void AtomicFile::commit() {
  check(descriptor_ != nullptr, "commit ", target_.native(),
        ": the file is committed or has failed");
  try {
    descriptor_->sync(target_);
    descriptor_->close(target_);
    if (system_.rename(temporary_.c_str(), target_.c_str()) < 0) {
      fail_system("rename to", target_, errno);
    }
  } catch (...) {
    abandon();
    throw;
  }
  descriptor_.reset();
  sync_folder(system_, folder_of(target_));
}

void AtomicFile::abandon() noexcept {
  if (descriptor_ != nullptr) {
    descriptor_.reset();
    system_.unlink(temporary_.c_str());
  }
}

void write_file_atomically(const std::filesystem::path& path, std::string_view content,
                           const FileSystem& system) {
  AtomicFile file(path, system);
  file.write(content);
  file.commit();
}

}  // namespace lrcn
