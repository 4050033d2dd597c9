// LRCN_VERSION, LRCN_BUILD_TYPE and LRCN_BUILD_FLAGS come from cmake/LrcnTarget.cmake.
#include "tools/cli/doctor_build.h"

namespace lrcn {

BuildFacts build_facts() {
  return {.version = LRCN_VERSION,
#ifdef __clang__
          .compiler = "clang " __clang_version__,
#else
          .compiler = "g++ " __VERSION__,
#endif
          .type = LRCN_BUILD_TYPE,
          .flags = LRCN_BUILD_FLAGS,
          .has_cuda = LRCN_HAS_CUDA != 0};
}

}  // namespace lrcn
