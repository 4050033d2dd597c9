// The words of a caption as the LRCN captioner learns them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lrcn {

// Cuts between word characters (is_word of tools/data/code_points.h) and the rest, lower-cases, and
// drops blanks; punctuation stays, one token for a run of it, and only a final "." goes:
//   "A man's dog, 2 feet tall."  ->  a man ' s dog , 2 feet tall
// This is Python's re.split(r"(\W+)") with white space stripped off every token, with two choices
// of our own: the final "." also goes when a blank stands before it, and accents written as
// combining characters belong to their word. A run may hold single blanks inside: `. "`. Throws
// DataError when the caption is not UTF-8 or no token is left.
std::vector<std::string> tokenize_caption(std::string_view caption);

}  // namespace lrcn
