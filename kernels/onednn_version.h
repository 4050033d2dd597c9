// Which oneDNN the CPU kernels run on.
#pragma once

#include <string>

namespace lrcn {

// Of the library that was loaded, "2.6.3"; empty in a build without it.
std::string onednn_version();

}  // namespace lrcn
