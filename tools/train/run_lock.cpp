#include "tools/train/run_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <system_error>

#include "core/error.h"

namespace lrcn {
namespace {

Descriptor open_in(const std::filesystem::path& run, const std::filesystem::path& file) {
  std::error_code error;
  std::filesystem::create_directories(run, error);
  if (error) {
    fail_system("create folder", run, error.value());
  }
  const FileSystem& files = posix_file_system();
  const int value = files.open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (value < 0) {
    fail_system("open", file, errno);
  }
  return {files, value};
}

}  // namespace

RunLock::RunLock(const std::filesystem::path& run) : file_(open_in(run, run / ".lock")) {
  const bool locked = ::flock(file_.value(), LOCK_EX | LOCK_NB) == 0;
  check(locked || errno != EWOULDBLOCK, "training: another training is at work in ", run.native(),
        "; wait for its end or choose another folder");
}

}  // namespace lrcn
