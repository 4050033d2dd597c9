#include "tools/data/code_points.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>

#include "core/error.h"
#include "core/io/utf8.h"

namespace lrcn {
namespace {

struct Range {
  char32_t first, last;
};

constexpr Range kBlanks[] = {{0x00, 0x20},     {0x7F, 0xA0},     {0x1680, 0x1680},
                             {0x2000, 0x200B}, {0x2028, 0x2029}, {0x202F, 0x202F},
                             {0x205F, 0x205F}, {0x3000, 0x3000}, {0xFEFF, 0xFEFF}};

// Punctuation, symbols, pictures, private use; the blanks lie inside.
constexpr Range kNotWords[] = {
    {0x80, 0xA9},     {0xAB, 0xB1},     {0xB4, 0xB4},     {0xB6, 0xB8},      {0xBB, 0xBB},
    {0xBF, 0xBF},     {0xD7, 0xD7},     {0xF7, 0xF7},     {0x2C2, 0x2C5},    {0x2D2, 0x2DF},
    {0x37E, 0x37E},   {0x387, 0x387},   {0x55A, 0x55F},   {0x589, 0x58F},    {0x5BE, 0x5BE},
    {0x5C0, 0x5C0},   {0x5C3, 0x5C3},   {0x5C6, 0x5C6},   {0x5F3, 0x60F},    {0x61B, 0x61F},
    {0x66A, 0x66D},   {0x6D4, 0x6D4},   {0x700, 0x70F},   {0x964, 0x965},    {0xE3F, 0xE3F},
    {0xE4F, 0xE4F},   {0xE5A, 0xE5B},   {0x1360, 0x1368}, {0x1680, 0x1680},  {0x17D4, 0x17DB},
    {0x1800, 0x180A}, {0x2000, 0x206F}, {0x207A, 0x207E}, {0x208A, 0x208E},  {0x20A0, 0x20FF},
    {0x2100, 0x2101}, {0x2103, 0x2106}, {0x2116, 0x2118}, {0x211E, 0x2123},  {0x2190, 0x244A},
    {0x249C, 0x24E9}, {0x2500, 0x2775}, {0x2794, 0x2BFF}, {0x2E00, 0x3004},  {0x3008, 0x3020},
    {0x3030, 0x3030}, {0x303D, 0x303F}, {0x30A0, 0x30A0}, {0x30FB, 0x30FB},  {0xD800, 0xF8FF},
    {0xFD3E, 0xFD4F}, {0xFE00, 0xFE19}, {0xFE30, 0xFE6B}, {0xFEFF, 0xFF0F},  {0xFF1A, 0xFF20},
    {0xFF3B, 0xFF40}, {0xFF5B, 0xFF65}, {0xFFE0, 0xFFFF}, {0x1F000, 0x1FBFF}};

template <std::size_t N>
bool in_any(const Range (&ranges)[N], char32_t code_point) {
  const auto* range = std::ranges::lower_bound(ranges, code_point, {}, &Range::last);
  return range != std::end(ranges) && range->first <= code_point;
}

// Capitals whose small letters lie `distance` higher, every one or every second code point.
struct Capitals {
  char32_t first, last;
  char32_t distance, step;
};

constexpr Capitals kCapitals[] = {
    {'A', 'Z', 32, 1},      {0xC0, 0xD6, 32, 1},    {0xD8, 0xDE, 32, 1},   {0x100, 0x12E, 1, 2},
    {0x132, 0x136, 1, 2},   {0x139, 0x147, 1, 2},   {0x14A, 0x176, 1, 2},  {0x179, 0x17D, 1, 2},
    {0x1A0, 0x1A4, 1, 2},   {0x1AF, 0x1AF, 1, 1},   {0x1CD, 0x1DB, 1, 2},  {0x1DE, 0x1EE, 1, 2},
    {0x1F8, 0x21E, 1, 2},   {0x222, 0x232, 1, 2},   {0x386, 0x386, 38, 1}, {0x388, 0x38A, 37, 1},
    {0x38C, 0x38C, 64, 1},  {0x38E, 0x38F, 63, 1},  {0x391, 0x3A1, 32, 1}, {0x3A3, 0x3AB, 32, 1},
    {0x400, 0x40F, 80, 1},  {0x410, 0x42F, 32, 1},  {0x460, 0x480, 1, 2},  {0x48A, 0x4BE, 1, 2},
    {0x4C1, 0x4CD, 1, 2},   {0x4D0, 0x52E, 1, 2},   {0x531, 0x556, 48, 1}, {0x1E00, 0x1E94, 1, 2},
    {0x1EA0, 0x1EFE, 1, 2}, {0xFF21, 0xFF3A, 32, 1}};

}  // namespace

std::u32string decode_utf8(std::string_view text, std::string_view where) {
  if (const auto offset = find_invalid_utf8(text)) {
    fail<DataError>(where, ": expected UTF-8, got the byte ",
                    static_cast<int>(static_cast<unsigned char>(text[*offset])), " at offset ",
                    *offset);
  }
  std::u32string code_points;
  code_points.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i++]);
    const int following = lead < 0xC0 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    char32_t code_point = following == 0 ? lead : lead & (0x3F >> following);
    for (int k = 0; k < following; ++k) {
      code_point = code_point << 6 | (static_cast<unsigned char>(text[i++]) & 0x3F);
    }
    code_points.push_back(code_point);
  }
  return code_points;
}

void append_utf8(std::string& text, char32_t code_point) {
  if (code_point < 0x80) {
    text.push_back(static_cast<char>(code_point));
    return;
  }
  const int following = code_point < 0x800 ? 1 : code_point < 0x10000 ? 2 : 3;
  const int mark = 0xFF00 >> (following + 1) & 0xFF;
  text.push_back(static_cast<char>(mark | static_cast<int>(code_point >> (6 * following))));
  for (int k = following - 1; k >= 0; --k) {
    text.push_back(static_cast<char>(0x80 | (static_cast<int>(code_point >> (6 * k)) & 0x3F)));
  }
}

bool is_blank(char32_t code_point) { return in_any(kBlanks, code_point); }

bool is_word(char32_t code_point) {
  if (code_point < 0x80) {
    return (code_point >= '0' && code_point <= '9') || (code_point >= 'A' && code_point <= 'Z') ||
           (code_point >= 'a' && code_point <= 'z') || code_point == '_';
  }
  return !in_any(kNotWords, code_point);
}

char32_t to_lower(char32_t code_point) {
  if (code_point == 0x178) {  // Y with diaeresis, whose small letter is in Latin-1
    return 0xFF;
  }
  const auto* range = std::ranges::lower_bound(kCapitals, code_point, {}, &Capitals::last);
  const bool capital = range != std::end(kCapitals) && range->first <= code_point &&
                       (code_point - range->first) % range->step == 0;
  return capital ? code_point + range->distance : code_point;
}

}  // namespace lrcn
