#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>

#include "core/error.h"
#include "core/io/json.h"
#include "tests/core/io/throws_with.h"

namespace lrcn::test {
namespace {

TEST(JsonDump, WritesOneLineOrIndentedText) {
  const Json root = Json::parse(R"({"a": [1, {"b": []}, {}], "c": null})");
  EXPECT_EQ(root.dump(), R"({"a":[1,{"b":[]},{}],"c":null})");
  EXPECT_EQ(
      root.dump(2),
      "{\n  \"a\": [\n    1,\n    {\n      \"b\": []\n    },\n    {}\n  ],\n  \"c\": null\n}");
  EXPECT_EQ(root.dump(0), "{\n\"a\": [\n1,\n{\n\"b\": []\n},\n{}\n],\n\"c\": null\n}");
  EXPECT_EQ(Json::parse(root.dump(3)).dump(), root.dump());
}

TEST(JsonDump, WritesAPartAlone) {
  EXPECT_EQ(Json::parse(R"({"a": [1, 2]})").at("a").dump(), "[1,2]");
}

TEST(JsonDump, WritesTheShortestRealThatReadsBack) {
  EXPECT_EQ(Json(0.1).dump(), "0.1");
  EXPECT_EQ(Json(1.0).dump(), "1.0");
  EXPECT_EQ(Json(-0.0).dump(), "-0.0");
  EXPECT_EQ(Json(1e300).dump(), "1e+300");
  EXPECT_EQ(Json(5e-324).dump(), "5e-324");
  EXPECT_EQ(Json(1.0 / 3).dump(), "0.3333333333333333");
}

TEST(JsonDump, ReadsBackTheSameBitsOfAnyDouble) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 200000; ++i) {
    const auto value = std::bit_cast<double>(random());
    if (std::isfinite(value)) {
      const Json read = Json::parse(Json(value).dump());
      ASSERT_EQ(read.kind(), Json::Kind::real);
      ASSERT_EQ(std::bit_cast<std::uint64_t>(read.as_double()),
                std::bit_cast<std::uint64_t>(value));
    }
  }
}

TEST(JsonDump, EscapesWhatMustBeEscapedAndNothingElse) {
  EXPECT_EQ(Json("\"\\/\b\f\n\r\t\x01\x1f\x7f ü\U0001f600").dump(),
            "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f ü\U0001f600\"");
  EXPECT_EQ(Json(std::string(1, '\0')).dump(), "\"\\u0000\"");
  EXPECT_EQ(Json::object({{"a\nb", 1}}).dump(), "{\"a\\nb\":1}");
}

TEST(JsonDump, ReadsBackEveryByteOfAscii) {
  std::string text;
  for (int c = 0; c < 128; ++c) {
    text += char(c);
  }
  EXPECT_EQ(Json::parse(Json(text).dump()).as_string(), text);
}

TEST(JsonDump, RefusesWhatJsonCannotHold) {
  Json root = Json::object();
  root.set("log", Json::array({1.0, std::numeric_limits<double>::quiet_NaN()}));
  EXPECT_EQ(message_of<DataError>([&] { root.dump(); }),
            "JSON: log[1]: expected a finite number, got nan");
  EXPECT_THROW(Json(std::numeric_limits<double>::infinity()).dump(), DataError);
  root.set("log", Json::object({{"text", "ab\xff"}}));
  EXPECT_EQ(message_of<DataError>([&] { root.dump(); }),
            "JSON: log.text: expected UTF-8, which a string is not at its byte 2");
  EXPECT_THROW(Json::object({{"\xc3", 1}}).dump(), DataError);
}

}  // namespace
}  // namespace lrcn::test
