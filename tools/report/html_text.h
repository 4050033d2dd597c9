// Text inside of HTML.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace lrcn {

// & < > " ' as entities, so that the text stands for itself in content and in quoted attributes.
std::string escape_html(std::string_view text);

// Base64 (RFC 4648, section 4) with padding.
std::string base64(std::span<const std::byte> bytes);

}  // namespace lrcn
