#include "core/error.h"
#include "kernels/onednn_version.h"

#if LRCN_HAS_ONEDNN
#include <oneapi/dnnl/dnnl.h>
#endif

namespace lrcn {

std::string onednn_version() {
#if LRCN_HAS_ONEDNN
  const dnnl_version_t* version = dnnl_version();
  return concat(version->major, '.', version->minor, '.', version->patch);
#else
  return {};
#endif
}

}  // namespace lrcn
