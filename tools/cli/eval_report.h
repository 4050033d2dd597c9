// lrcn eval report.
#pragma once

#include "tools/cli/verb.h"

namespace lrcn {

Verb run_eval_report;

}  // namespace lrcn
