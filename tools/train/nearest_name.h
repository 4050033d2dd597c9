// "Did you mean": the most similar of many names.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace lrcn {

// Levenshtein distance in bytes.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The name with the least edit distance, the first of several; empty when none is nearer than half
// of the length of `name`. Names of more than 256 bytes are not considered.
std::string nearest_name(std::string_view name, std::span<const std::string> names);

}  // namespace lrcn
