// lrcn doctor.
#include "core/error.h"
#include "tools/cli/verb.h"

namespace lrcn {

int run_doctor(std::span<const std::string>, Terminal&) { fail<Error>("doctor: not in this version"); }

}  // namespace lrcn
