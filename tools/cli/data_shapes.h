// lrcn data shapes.
#pragma once

#include "tools/cli/verb.h"

namespace lrcn {

Verb run_data_shapes;

}  // namespace lrcn
