#include "tools/train/metrics_log.h"

#include <fcntl.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "core/io/file.h"

namespace lrcn {
namespace {

std::int64_t step_of(std::string_view line, const std::string& source) {
  return Json::parse(line, {}, source).at("step").as_int();
}

// The lines to keep. Lines that cannot be read are what a crash has left of the time after the
// checkpoint, unless a line to keep follows them.
std::string keep_until(const std::string& content, std::int64_t last_step,
                       const std::filesystem::path& path) {
  std::string kept;
  std::string reason;  // why an earlier line could not be read
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < content.size();) {
    const std::size_t end = std::min(content.find('\n', begin), content.size());
    const std::string_view line = std::string_view(content).substr(begin, end - begin);
    begin = end + 1;
    ++number;
    try {
      if (step_of(line, concat(path.native(), ':', number)) > last_step) {
        continue;
      }
    } catch (const DataError& error) {
      reason = reason.empty() ? error.what() : reason;
      continue;
    }
    check<DataError>(reason.empty(), reason);
    kept.append(line).push_back('\n');
  }
  return kept;
}

// Leaves the lines up to `last_step` in the file and opens it at its end.
int open_log(const std::filesystem::path& path, std::int64_t last_step, const FileSystem& files) {
  if (std::error_code ignored; std::filesystem::exists(path, ignored)) {
    const std::string content = read_file(path, files);
    const std::string kept = last_step < 0 ? "" : keep_until(content, last_step, path);
    if (kept != content) {
      write_file_atomically(path, kept, files);
    }
  }
  const int descriptor = files.open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (descriptor < 0) {
    fail_system("open", path, errno);
  }
  return descriptor;
}

}  // namespace

MetricsLog::MetricsLog(std::filesystem::path path, std::int64_t last_step, const FileSystem& files)
    : path_(std::move(path)), file_(files, open_log(path_, last_step, files)) {}

void MetricsLog::append(const Json& record) {
  const std::string line = record.dump() + '\n';
  file_.write(line.data(), line.size(), path_);
}

void MetricsLog::sync() { file_.sync(path_); }

}  // namespace lrcn
