// lrcn inspect.
#include "core/error.h"
#include "tools/cli/verb.h"

namespace lrcn {

int run_inspect(std::span<const std::string>, Terminal&) { fail<Error>("inspect: not in this version"); }

}  // namespace lrcn
