#include "core/version.h"

namespace lrcn {

std::string_view version() { return LRCN_VERSION; }

}  // namespace lrcn
