// Checking text that comes from files.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace lrcn {

// The offset of the first byte that does not belong to well-formed UTF-8 (Unicode 15, table 3-7: no
// overlong forms, no surrogates, nothing above U+10FFFF), or nothing.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);

}  // namespace lrcn
