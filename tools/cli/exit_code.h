// The exit codes of the command line, after sysexits.h.
#pragma once

#include <exception>

namespace lrcn {

enum ExitCode : int {
  kSuccess = 0,
  kUsage = 2,         // wrong flags, keys or values
  kBadData = 65,      // input that is damaged or does not fit
  kNoInput = 66,      // input that is missing
  kInternal = 70,     // no memory, no device, a bug
  kIoFailed = 74,     // reading or writing failed: full disk, read-only folder
  kInterrupted = 75,  // stopped by a signal after saving
};

// The code for an error of the library or the standard library.
ExitCode exit_code_of(const std::exception& error);

}  // namespace lrcn
