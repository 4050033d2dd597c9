// The version of the library.
#pragma once

#include <string_view>

namespace lrcn {

// "0.1.0", as in CMakeLists.txt.
std::string_view version();

}  // namespace lrcn
