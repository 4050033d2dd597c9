// The verbs of the command line.
#pragma once

#include <span>
#include <string>

#include "tools/cli/terminal.h"

namespace lrcn {

// Arguments behind the verb; returns an exit code (exit_code.h). Data go to stdout, all else to the
// terminal; errors are thrown.
using Verb = int(std::span<const std::string> arguments, Terminal& terminal);

Verb run_train, run_caption, run_eval, run_inspect, run_data, run_bench, run_doctor;

}  // namespace lrcn
