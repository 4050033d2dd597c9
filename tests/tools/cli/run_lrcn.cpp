#include "tests/tools/cli/run_lrcn.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <system_error>
#include <thread>

#include "core/error.h"
#include "core/io/file.h"
#include "tests/core/io/temporary_folder.h"

extern char** environ;

namespace lrcn::test {
namespace {

// What the program finds behind its standard streams.
class Streams {
 public:
  explicit Streams(const RunOptions& options) {
    ::posix_spawn_file_actions_init(&actions_);
    if (options.input_stays_open) {
      open_input_pipe(options.input);
    } else {
      write_file_atomically(folder_ / "in", options.input);
      open(STDIN_FILENO, folder_ / "in", O_RDONLY);
    }
    open(STDERR_FILENO, folder_ / "err", O_WRONLY | O_CREAT | O_TRUNC);
    switch (options.out) {
      case RunOptions::Out::captured:
        open(STDOUT_FILENO, folder_ / "out", O_WRONLY | O_CREAT | O_TRUNC);
        break;
      case RunOptions::Out::full_disk:
        open(STDOUT_FILENO, "/dev/full", O_WRONLY);
        break;
      case RunOptions::Out::closed_pipe:
        open_closed_pipe();
        break;
      case RunOptions::Out::closed:
        ::posix_spawn_file_actions_addclose(&actions_, STDOUT_FILENO);
        break;
    }
    if (!options.folder.empty()) {
      ::posix_spawn_file_actions_addchdir_np(&actions_, options.folder.c_str());
    }
  }
  ~Streams() {
    ::posix_spawn_file_actions_destroy(&actions_);
    for (const int descriptor : descriptors_) {
      ::close(descriptor);
    }
  }
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;

  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  bool input_is_read() const {
    int left = 0;
    return ::ioctl(input_, FIONREAD, &left) == 0 && left == 0;
  }
  std::string read(const char* name) const {
    return std::filesystem::exists(folder_ / name) ? read_file(folder_ / name) : "";
  }

 private:
  void open(int stream, const std::filesystem::path& path, int flags) {
    ::posix_spawn_file_actions_addopen(&actions_, stream, path.c_str(), flags, 0666);
  }

  // Both ends are ours until the program has ended.
  std::pair<int, int> open_pipe() {
    int ends[2] = {-1, -1};
    check<IoError>(::pipe2(ends, O_CLOEXEC) == 0, "run_lrcn: pipe: ", std::strerror(errno));
    descriptors_.insert(descriptors_.end(), {ends[0], ends[1]});
    return {ends[0], ends[1]};
  }

  void open_closed_pipe() {
    const auto [reading, writing] = open_pipe();
    ::close(reading);
    std::erase(descriptors_, reading);
    ::posix_spawn_file_actions_adddup2(&actions_, writing, STDOUT_FILENO);
  }

  void open_input_pipe(const std::string& input) {
    const auto [reading, writing] = open_pipe();
    input_ = reading;
    check<IoError>(::write(writing, input.data(), input.size()) == ssize_t(input.size()),
                   "run_lrcn: the input does not fit into a pipe");
    ::posix_spawn_file_actions_adddup2(&actions_, reading, STDIN_FILENO);
  }

  TemporaryFolder folder_;
  posix_spawn_file_actions_t actions_{};
  std::vector<int> descriptors_;
  int input_ = -1;
};

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (std::string& each : strings) {
    result.push_back(each.data());
  }
  result.push_back(nullptr);
  return result;
}

// Leaves its status for waitpid.
bool has_ended(pid_t child) {
  siginfo_t info{};
  return ::waitid(P_PID, id_t(child), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == child;
}

}  // namespace

RunResult run_lrcn(const std::vector<std::string>& arguments, const RunOptions& options) {
  const Streams streams(options);
  std::vector<std::string> command = {LRCN_BINARY};
  command.insert(command.end(), arguments.begin(), arguments.end());
  std::vector<std::string> environment;
  for (const auto& [name, value] : options.environment) {
    environment.push_back(name + '=' + value);  // the first of a name counts
  }
  for (char** variable = environ; *variable != nullptr; ++variable) {
    environment.emplace_back(*variable);
  }
  pid_t child = -1;
  const int failure = ::posix_spawn(&child, LRCN_BINARY, streams.actions(), nullptr,
                                    pointers(command).data(), pointers(environment).data());
  check<IoError>(failure == 0, "run_lrcn: ", LRCN_BINARY, ": ", std::strerror(failure));
  if (options.signal != 0) {
    const auto due = [&] {
      return options.signal_file.empty() ? streams.input_is_read()
                                         : std::filesystem::exists(options.signal_file);
    };
    while (!due() && !has_ended(child)) {
      std::this_thread::yield();
    }
    ::kill(child, options.signal);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return {.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
          .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
          .out = streams.read("out"),
          .err = streams.read("err")};
}

}  // namespace lrcn::test
