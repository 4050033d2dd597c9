#include "kernels/onednn_version.h"

#include <oneapi/dnnl/dnnl.h>

#include "core/error.h"

namespace lrcn {

std::string onednn_version() {
  const dnnl_version_t* version = dnnl_version();
  return concat(version->major, '.', version->minor, '.', version->patch);
}

}  // namespace lrcn
