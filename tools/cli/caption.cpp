// lrcn caption.
#include "core/error.h"
#include "tools/cli/verb.h"

namespace lrcn {

int run_caption(std::span<const std::string>, Terminal&) { fail<Error>("caption: not in this version"); }

}  // namespace lrcn
