// Verbs that consist of several: `lrcn data shapes`, `lrcn eval captions`.
#pragma once

#include <span>
#include <string>

#include "tools/cli/verb.h"

namespace lrcn {

struct Subverb {
  const char* name;
  Verb* run;
  const char* summary;
};

// Runs the one that the first argument names, with the arguments behind it; prints help for --help.
// Throws UsageError, with the nearest name, for another one and for none.
int run_subverb(const std::string& verb, std::span<const Subverb> subverbs,
                std::span<const std::string> arguments, Terminal& terminal);

}  // namespace lrcn
