// Running the program as a person or a script does.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace lrcn::test {

struct RunOptions {
  enum class Out { captured, full_disk, closed_pipe, closed };

  std::string input;              // on standard input
  bool input_stays_open = false;  // a pipe that does not end while the program runs
  // Sent once the program has read the input (needs input_stays_open) or, if it is named, once
  // this file is there.
  int signal = 0;
  std::filesystem::path signal_file;
  Out out = Out::captured;
  std::vector<std::pair<std::string, std::string>> environment;  // added to ours
  std::filesystem::path folder;                                  // to run in; empty: ours
};

struct RunResult {
  int code = -1;   // exit code; -1 when a signal ended the program
  int signal = 0;  // that ended it
  std::string out;
  std::string err;
};

// Runs the program with the arguments and waits for its end.
RunResult run_lrcn(const std::vector<std::string>& arguments, const RunOptions& options = {});

}  // namespace lrcn::test
