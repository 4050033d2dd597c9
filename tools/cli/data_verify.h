// lrcn data verify.
#pragma once

#include "tools/cli/verb.h"

namespace lrcn {

Verb run_data_verify;

}  // namespace lrcn
