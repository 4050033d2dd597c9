#include "core/io/utf8.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>

namespace lrcn::test {
namespace {

// The definition itself: the UTF-8 form of one code point.
std::string encode(std::uint32_t code) {
  const auto tail = [](std::uint32_t bits) { return char(0x80 | (bits & 63)); };
  if (code < 0x80) {
    return {char(code)};
  }
  if (code < 0x800) {
    return {char(0xc0 | (code >> 6)), tail(code)};
  }
  if (code < 0x10000) {
    return {char(0xe0 | (code >> 12)), tail(code >> 6), tail(code)};
  }
  return {char(0xf0 | (code >> 18)), tail(code >> 12), tail(code >> 6), tail(code)};
}

TEST(Utf8, AcceptsEveryCodePointButTheSurrogates) {
  for (std::uint32_t code = 0; code < 0x110000; ++code) {
    const bool is_surrogate = code >= 0xd800 && code < 0xe000;
    ASSERT_EQ(find_invalid_utf8(encode(code)).has_value(), is_surrogate) << code;
  }
}

TEST(Utf8, RefusesCodesBehindTheLastOne) {
  for (std::uint32_t code = 0x110000; code < 0x200000; code += 0x3fff) {
    EXPECT_EQ(find_invalid_utf8(encode(code)), 0u) << code;
  }
}

TEST(Utf8, NamesTheFirstBadByte) {
  EXPECT_EQ(find_invalid_utf8(""), std::nullopt);
  EXPECT_EQ(find_invalid_utf8("plain"), std::nullopt);
  EXPECT_EQ(find_invalid_utf8("ab\x80"), 2u);  // a continuation alone
  EXPECT_EQ(find_invalid_utf8("ab\xc3"), 2u);  // cut off
  EXPECT_EQ(find_invalid_utf8("\xe4\xb8\x96\xe4\xb8"), 3u);
  EXPECT_EQ(find_invalid_utf8("\xf0\x9f\x98x"), 0u);
  EXPECT_EQ(find_invalid_utf8("x\xc0\xaf"), 1u);  // overlong forms
  EXPECT_EQ(find_invalid_utf8("x\xe0\x9f\xbf"), 1u);
  EXPECT_EQ(find_invalid_utf8("x\xf0\x8f\xbf\xbf"), 1u);
  EXPECT_EQ(find_invalid_utf8("xy\xff"), 2u);
}

}  // namespace
}  // namespace lrcn::test
