// Text as Unicode code points: what the tokenizers need to know of a character.
#pragma once

#include <string>
#include <string_view>

namespace lrcn {

// Throws DataError, starting with `where`, with the offset of the first byte that is not UTF-8.
std::u32string decode_utf8(std::string_view text, std::string_view where);

// `code_point` must be a Unicode scalar value.
void append_utf8(std::string& text, char32_t code_point);

// Blanks, tabs, line breaks and the other white space and control characters.
bool is_blank(char32_t code_point);

// Letters, digits and the marks on them, in any script, and '_'. Outside of ASCII this is by
// blocks, not by character: all of a script's block counts as word, all of a block of punctuation,
// symbols or pictures does not.
bool is_word(char32_t code_point);

// Lower case of the Latin, Greek, Cyrillic and Armenian alphabets and of full-width letters; other
// characters stay as they are. One code point becomes one: no language's special rules.
char32_t to_lower(char32_t code_point);

}  // namespace lrcn
