// lrcn eval.
#include "core/error.h"
#include "tools/cli/verb.h"

namespace lrcn {

int run_eval(std::span<const std::string>, Terminal&) { fail<Error>("eval: not in this version"); }

}  // namespace lrcn
