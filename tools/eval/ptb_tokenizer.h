// The words of a caption as the COCO caption evaluation counts them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lrcn {

// Splits by the Penn Treebank conventions, in the form of Stanford's PTBTokenizer 3.4.1 with
// -preserveLines -lowerCase, and drops the tokens that the COCO caption evaluation drops:
//   '' ' `` ` . ? ! , : - -- ... ;
//   "A man's dog isn't in the U.S. (really)."
//    -> a man 's dog is n't in the u.s. -lrb- really -rrb-
// Brackets stay, as they do there: its list has them in capitals, behind the lower-casing.
// Line breaks count as blanks. Every caption stands alone; the original sees them all as one text.
// Known differences: telephone numbers, fractions with a blank inside ("1 1/2") and markup with
// attributes are split at the blanks, and rare signs outside of ASCII may stay where the original
// drops them.
// Throws DataError when `caption` is not UTF-8.
std::vector<std::string> ptb_tokenize(std::string_view caption);

}  // namespace lrcn
