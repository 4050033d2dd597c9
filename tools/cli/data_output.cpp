#include "tools/cli/data_output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>

#include "core/io/descriptor.h"

namespace lrcn {
namespace {

constexpr std::size_t kBufferBytes = std::size_t(1) << 16;
constexpr const char* kStandardOutput = "standard output";

}  // namespace

void prepare_standard_streams() {
  std::signal(SIGPIPE, SIG_IGN);
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(stream, F_GETFD) < 0) {
      // Opened the wrong way round, so that its use fails as it would have before.
      const int way = stream == STDIN_FILENO ? O_WRONLY : O_RDONLY;
      if (const int opened = ::open("/dev/null", way); opened >= 0 && opened != stream) {
        ::dup2(opened, stream);
        ::close(opened);
      }
    }
  }
}

DataOutput::DataOutput(const std::filesystem::path& file) {
  if (!file.empty()) {
    file_ = std::make_unique<AtomicFile>(file);
    return;
  }
  const int copy = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) {
    fail_system("write", kStandardOutput, errno);
  }
  stream_ = std::make_unique<Descriptor>(posix_file_system(), copy);
}

DataOutput::~DataOutput() = default;
DataOutput::DataOutput(DataOutput&&) noexcept = default;

void DataOutput::write(std::string_view text) {
  buffer_.append(text);
  if (buffer_.size() >= kBufferBytes) {
    drain();
  }
}

void DataOutput::drain() {
  if (file_ != nullptr) {
    file_->write(buffer_);
  } else {
    stream_->write(buffer_.data(), buffer_.size(), kStandardOutput);
  }
  buffer_.clear();
}

void DataOutput::flush() {
  if (file_ == nullptr) {
    drain();
  }
}

void DataOutput::finish() {
  drain();
  if (file_ != nullptr) {
    file_->commit();
  }
}

void print_data(std::string_view text) {
  DataOutput output;
  output.write(text);
  output.finish();
}

}  // namespace lrcn
