#include "tools/cli/caption_lines.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>

#include "core/error.h"

namespace lrcn {
namespace {

constexpr std::size_t kBlock = std::size_t(1) << 16;
constexpr int kPatience = 100;  // milliseconds between questions whether to stop
constexpr const char* kStandardInput = "standard input";

}  // namespace

LineReader LineReader::of_file(const std::filesystem::path& path) {
  return {open_to_read(posix_file_system(), path), path};
}

LineReader LineReader::of_standard_input() {
  const int copy = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) {
    fail_system("read", kStandardInput, errno);
  }
  return {Descriptor(posix_file_system(), copy), kStandardInput};
}

bool LineReader::wait(const StopRequested& stop) const {
  pollfd wanted{.fd = descriptor_.value(), .events = POLLIN, .revents = 0};
  while (!stop || !stop()) {
    const int ready = ::poll(&wanted, 1, kPatience);
    if (ready > 0) {
      return true;  // errors, too: the read reports them
    }
    if (ready < 0 && errno != EINTR) {
      fail_system("wait for", name_, errno);
    }
  }
  return false;
}

bool LineReader::next(std::string& line, const StopRequested& stop) {
  std::size_t searched = begin_;
  for (;;) {
    const std::size_t end = buffer_.find('\n', searched);
    if (end != std::string::npos || (ended_ && begin_ < buffer_.size())) {
      line = buffer_.substr(begin_, end == std::string::npos ? end : end - begin_);
      begin_ = end == std::string::npos ? buffer_.size() : end + 1;
      if (line.ends_with('\r')) {
        line.pop_back();
      }
      return true;
    }
    if (ended_ || !wait(stop)) {
      return false;
    }
    buffer_.erase(0, begin_);
    begin_ = 0;
    searched = buffer_.size();
    buffer_.resize(searched + kBlock);
    const std::size_t count = descriptor_.read(buffer_.data() + searched, kBlock, name_);
    buffer_.resize(searched + count);
    ended_ = count == 0;
  }
}

}  // namespace lrcn
