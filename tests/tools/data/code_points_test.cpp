#include "tools/data/code_points.h"

#include <gtest/gtest.h>

#include "core/error.h"

namespace lrcn::test {
namespace {

TEST(CodePoints, SurviveTheWayToUtf8AndBack) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) {
      continue;
    }
    std::string text;
    append_utf8(text, c);
    ASSERT_EQ(text.size(), c < 0x80 ? 1u : c < 0x800 ? 2u : c < 0x10000 ? 3u : 4u);
    ASSERT_EQ(decode_utf8(text, "test"), std::u32string(1, c));
  }
}

TEST(CodePoints, NameTheByteThatIsNotUtf8) {
  try {
    decode_utf8("abc\xff", "caption 7");
    FAIL() << "accepted";
  } catch (const DataError& error) {
    EXPECT_STREQ(error.what(), "caption 7: expected UTF-8, got the byte 255 at offset 3");
  }
}

TEST(CodePoints, TellLettersFromPunctuation) {
  for (const char32_t c :
       std::u32string_view(U"azAZ09_\u00E9\u00DF\u0142\u0416\u03A9\u05D0\u0639\u0915\u3042\uFF21"
                           U"\u65E5\uD55C\u0301\u00B2\u00BD\U00020000")) {
    EXPECT_TRUE(is_word(c)) << static_cast<std::uint32_t>(c);
  }
  for (const char32_t c :
       std::u32string_view(U" .,'\"-/@#\u00A0\u00AB\u00D7\u00BF\u2013\u2019\u2026"
                           U"\u20AC\u2122\u2192\u2605\u3000\u3002\uFF01\uFE0F"
                           U"\U0001F600")) {
    EXPECT_FALSE(is_word(c)) << static_cast<std::uint32_t>(c);
  }
}

TEST(CodePoints, KnowTheBlanks) {
  for (const char32_t c : std::u32string_view(U" \t\n\v\f\r\u0085\u00A0\u2003\u2028\u3000\uFEFF")) {
    EXPECT_TRUE(is_blank(c)) << static_cast<std::uint32_t>(c);
    EXPECT_FALSE(is_word(c)) << static_cast<std::uint32_t>(c);
  }
  EXPECT_FALSE(is_blank('a'));
  EXPECT_FALSE(is_blank('.'));
  EXPECT_FALSE(is_blank(0x2013));
}

TEST(CodePoints, LowerTheCaseOfFourAlphabets) {
  const std::u32string_view capitals =
      U"AMZ\u00C9\u00D0\u00DE\u0141\u0147\u014A\u0178\u017D\u01A0\u0391\u0386\u03A9\u0410\u0401"
      U"\u0531"
      U"\u1EA4\uFF21";
  const std::u32string_view small =
      U"amz\u00E9\u00F0\u00FE\u0142\u0148\u014B\u00FF\u017E\u01A1\u03B1\u03AC\u03C9\u0430\u0451"
      U"\u0561"
      U"\u1EA5\uFF41";
  ASSERT_EQ(capitals.size(), small.size());
  for (std::size_t i = 0; i < capitals.size(); ++i) {
    EXPECT_EQ(to_lower(capitals[i]), small[i]) << i;
    EXPECT_EQ(to_lower(small[i]), small[i]) << i;
  }
  for (const char32_t c : std::u32string_view(U"@[`{\u00D7\u00DF\u00F7\u0138\u0149\u3042\u65E5")) {
    EXPECT_EQ(to_lower(c), c);
  }
}

}  // namespace
}  // namespace lrcn::test
