#include "tools/report/html_text.h"

#include <gtest/gtest.h>

namespace lrcn::test {
namespace {

std::string encoded(const std::string& text) { return base64(std::as_bytes(std::span(text))); }

TEST(EscapeHtml, MakesTextStandForItself) {
  EXPECT_EQ(escape_html("<b onclick=\"x('&')\">"),
            "&lt;b onclick=&quot;x(&#39;&amp;&#39;)&quot;&gt;");
  EXPECT_EQ(escape_html("caf\xc3\xa9"), "caf\xc3\xa9");
  EXPECT_EQ(escape_html(""), "");
}

// The examples of RFC 4648, section 10.
TEST(Base64, GivesThePublishedValues) {
  EXPECT_EQ(encoded(""), "");
  EXPECT_EQ(encoded("f"), "Zg==");
  EXPECT_EQ(encoded("fo"), "Zm8=");
  EXPECT_EQ(encoded("foo"), "Zm9v");
  EXPECT_EQ(encoded("foob"), "Zm9vYg==");
  EXPECT_EQ(encoded("fooba"), "Zm9vYmE=");
  EXPECT_EQ(encoded("foobar"), "Zm9vYmFy");
  EXPECT_EQ(encoded("\xff\xfe\xfd"), "//79");
}

}  // namespace
}  // namespace lrcn::test
