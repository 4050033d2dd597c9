// lrcn data.
#include "core/error.h"
#include "tools/cli/verb.h"

namespace lrcn {

int run_data(std::span<const std::string>, Terminal&) { fail<Error>("data: not in this version"); }

}  // namespace lrcn
