#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/io/file.h"
#include "core/io/json.h"
#include "tests/core/io/throws_with.h"
#include "tests/test_data.h"

namespace lrcn::test {
namespace {

std::string refusal(std::string_view text) {
  return message_of<DataError>([&] { Json::parse(text, {.max_depth = 4}, "x.json"); });
}

TEST(JsonParse, ReadsEveryKindOfValue) {
  const Json root = Json::parse(
      R"( {"null": null, "yes": true, "no": false, "int": -12, "real": 1.5e2, "text": "a b",
           "list": [1, [], {}], "object": {"k": ""}} )");
  EXPECT_TRUE(root.at("null").is_null());
  EXPECT_TRUE(root.at("yes").as_bool());
  EXPECT_FALSE(root.at("no").as_bool());
  EXPECT_EQ(root.at("int").as_int(), -12);
  EXPECT_EQ(root.at("real").as_double(), 150.0);
  EXPECT_EQ(root.at("text").as_string(), "a b");
  EXPECT_EQ(root.at("list").size(), 3u);
  EXPECT_EQ(root.at("list")[1].size(), 0u);
  EXPECT_EQ(root.at("object").at("k").as_string(), "");
  EXPECT_EQ(root.size(), 8u);
}

TEST(JsonParse, ReadsAScalarAsTheWholeText) {
  EXPECT_EQ(Json::parse("7").as_int(), 7);
  EXPECT_EQ(Json::parse("\"x\"").as_string(), "x");
  EXPECT_TRUE(Json::parse(" null\n").is_null());
}

TEST(JsonParse, ReadsTheWholeRangeOfIntegers) {
  const Json list = Json::parse("[9223372036854775807, -9223372036854775808, 0, -0]");
  EXPECT_EQ(list[0].as_int(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(list[1].as_int(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(list[2].as_int(), 0);
  EXPECT_EQ(list[3].as_int(), 0);
}

TEST(JsonParse, TellsIntegersFromReals) {
  EXPECT_TRUE(Json::parse("3").is_int());
  EXPECT_EQ(Json::parse("3.0").kind(), Json::Kind::real);
  EXPECT_EQ(Json::parse("3e0").kind(), Json::Kind::real);
  EXPECT_EQ(Json::parse("1E30").kind(), Json::Kind::real);
}

TEST(JsonParse, DecodesEscapes) {
  EXPECT_EQ(Json::parse(R"("\"\\\/\b\f\n\r\t\u0041\u00fc\u4e16\ud83d\ude00\u0000")").as_string(),
            std::string("\"\\/\b\f\n\r\tA\u00fc\u4e16\U0001f600") + '\0');
}

TEST(JsonParse, SkipsAByteOrderMark) { EXPECT_EQ(Json::parse("\xef\xbb\xbf[1]")[0].as_int(), 1); }

TEST(JsonParse, NamesSourceLineColumnAndPathOfWhatItRefuses) {
  EXPECT_EQ(refusal("{\"images\": [{}, {},\n  {\"id\": nul}]}").substr(0, 52),
            "x.json: line 2, column 13: images[2].id: syntax erro");
  EXPECT_EQ(refusal("{\"images\": [1,\n 99999999999999999999 ]}"),
            "x.json: line 2, column 2: images[1]: expected an integer within int64, got "
            "99999999999999999999");
  EXPECT_EQ(refusal("[{\"a\\\"b\": 1,\n\n \"a\\\"b\": 2}]"),
            "x.json: line 3, column 2: [0]: expected every key once, got \"a\\\"b\" again");
}

TEST(JsonParse, RefusesWhatIsNotStrictJson) {
  struct Case {
    std::string_view text;
    std::string_view message;
  };
  using namespace std::string_view_literals;
  const Case cases[] = {
      {"", "line 1, column 1: syntax error while parsing value - unexpected end of input"},
      {"  \n ", "line 2, column 2: syntax error"},
      {"{", "line 1, column 2: syntax error while parsing object key - unexpected end of input"},
      {"[1, 2", "line 1, column 6: [2]: syntax error while parsing array"},
      {"[1 2]", "column 4: [1]: syntax error while parsing array"},
      {"[1,]", "column 4: [1]: syntax error while parsing value"},
      {"{\"a\":1,}", "column 8: syntax error while parsing object key"},
      {"{\"a\" 1}", "column 6: a: syntax error while parsing object separator"},
      {"{a: 1}", "column 2: syntax error"},
      {"{'a': 1}", "column 2: syntax error"},
      {"[1] [2]", "column 5: syntax error while parsing value - unexpected '['"},
      {"{} x", "column 4: syntax error"},
      {"{}\0"sv, "column 3: expected JSON text, got a zero byte"},
      {"{}\0x"sv, "column 3: expected JSON text, got a zero byte"},
      {"[1, // comment\n 2]", "column 5: [1]: syntax error"},
      {"[1, /* comment */ 2]", "column 5: [1]: syntax error"},
      {"[NaN]", "column 2: [0]: syntax error"},
      {"[Infinity]", "column 2: [0]: syntax error"},
      {"[-Infinity]", "column 3: [0]: syntax error"},
      {"[nan]", "column 3: [0]: syntax error"},
      {"[01]", "column 3: [1]: syntax error"},
      {"[+1]", "column 2: [0]: syntax error"},
      {"[.5]", "column 2: [0]: syntax error"},
      {"[1.]", "column 4: [0]: syntax error"},
      {"[1e]", "column 4: [0]: syntax error"},
      {"[0x10]", "column 3: [1]: syntax error"},
      {"[True]", "column 2: [0]: syntax error"},
      {"[1e999]", "[0]: number overflow"},
      {"[9223372036854775808]", "column 2: [0]: expected an integer within int64"},
      {"[-9223372036854775809]", "column 2: [0]: expected an integer within int64"},
      {"18446744073709551616",
       "column 1: expected an integer within int64, got 18446744073709551616"},
      {"[\"a\nb\"]", "invalid string: control character"},
      {"[\"\\x\"]", "invalid string: forbidden character after backslash"},
      {"[\"\\u12g4\"]", "invalid string: '\\u' must be followed by 4 hex digits"},
      {"[\"\\ud800\"]", "invalid string: surrogate"},
      {"[\"\\ude00\"]", "invalid string: surrogate"},
      {"[\"abc", "invalid string: missing closing quote"},
      {"[\"\xff\"]",
       "column 3: [0]: syntax error while parsing value - invalid string: ill-formed UTF-8 byte"},
      {"[\"\xc0\xaf\"]", "ill-formed UTF-8 byte"},
      {"[\"\xed\xa0\x80\"]", "ill-formed UTF-8 byte"},
      {"{\"\xe4\xb8\": 1}", "ill-formed UTF-8 byte"},
      {"{\"a\":1, \"b\":2, \"a\":3}", "column 16: expected every key once, got \"a\" again"},
      {"{\"a\":1, \"\\u0061\":3}", "column 9: expected every key once, got \"a\" again"},
      {"[[[[[]]]]]", "column 5: [0][0][0][0]: expected at most 4 nested arrays and objects"},
      {"{\"a\":[{\"b\":[{", "column 13: a[0].b[0]: expected at most 4 nested"},
  };
  for (const Case& row : cases) {
    const std::string message = refusal(row.text);
    EXPECT_NE(message.find(row.message), std::string::npos) << row.text << " -> " << message;
    EXPECT_EQ(message.find("x.json: "), 0u) << row.text << " -> " << message;
    EXPECT_EQ(message.find("exception"), std::string::npos) << row.text << " -> " << message;
  }
}

TEST(JsonParse, AcceptsTheLimitsThemselves) {
  EXPECT_EQ(Json::parse("[[[[]]]]", {.max_bytes = 8, .max_depth = 4}).size(), 1u);
  EXPECT_TRUE(throws_with<DataError>("y: expected at most 7 bytes of JSON, got 8",
                                     [] { Json::parse("[[[[]]]]", {.max_bytes = 7}, "y"); }));
  EXPECT_EQ(Json::parse("1", {.max_depth = 0}).as_int(), 1);
  EXPECT_THROW(Json::parse("[]", {.max_depth = 0}), DataError);
  EXPECT_THROW(Json::parse("[]", {.max_depth = 1000000}), ArgumentError);

  const JsonLimits few{.max_values = 4};
  EXPECT_EQ(Json::parse("[1, {\"a\": 2}]", few).size(), 2u);
  EXPECT_TRUE(throws_with<DataError>("[3]: expected at most 4 values",
                                     [&] { Json::parse("[[1], 2, 3, 4]", few); }));
}

TEST(JsonParse, StopsAtTheDepthOfAHostileText) {
  const std::string deep(1000000, '[');
  EXPECT_TRUE(throws_with<DataError>("column 65: [0][0]", [&] { Json::parse(deep); }));
  std::string nested;
  for (int i = 0; i < 1000; ++i) {
    nested += "{\"a\":";
  }
  nested += "1" + std::string(1000, '}');
  EXPECT_EQ(Json::parse(nested, {.max_depth = 1000}).dump(), nested);
}

TEST(JsonParse, FindsKeysAndDuplicatesAmongMany) {
  std::string text = "{";
  const int keys = 200000;
  for (int i = 0; i < keys; ++i) {
    text += "\"key " + std::to_string(i * 7919 % keys) + "\": " + std::to_string(i) + ",\n";
  }
  const Json root = Json::parse(text + "\"last\": 0}");
  for (int i = 0; i < keys; ++i) {
    ASSERT_EQ(root.at("key " + std::to_string(i * 7919 % keys)).as_int(), i);
  }
  EXPECT_FALSE(root.has("key"));
  EXPECT_FALSE(root.has("zzz"));
  EXPECT_EQ(refusal(text + "\"key 4711\": 0}"),
            "x.json: line 200001, column 1: expected every key once, got \"key 4711\" again");
}

TEST(JsonParse, RefusesEveryPrefixOfAText) {
  const std::string text =
      R"({"images": [{"id": 12, "file": "a\u00fc\"x.jpg", "f": -1.5e-3}, null, true], "n": {}})";
  EXPECT_EQ(Json::parse(text).size(), 2u);
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_TRUE(throws_with<DataError>("x.json: line 1, column ", [&] {
      Json::parse(std::string_view(text).substr(0, size), {}, "x.json");
    })) << size;
  }
}

TEST(JsonParse, ReadsOrRefusesEveryTextWithOneByteChanged) {
  const std::string text = R"({"a": [{"id": 12, "s": "\u00fc\"x"}, -1.5e3, true, "ü"], "b": {}})";
  std::size_t accepted = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = text;
      changed[at] = char(byte);
      try {
        const std::string dumped = Json::parse(changed).dump();
        EXPECT_EQ(Json::parse(dumped).dump(), dumped);
        ++accepted;
      } catch (const DataError&) {
      }
    }
  }
  EXPECT_GT(accepted, text.size());
  EXPECT_LT(accepted, text.size() * 128);
}

TEST(JsonParse, ReadsCaptionsInTheCocoFormat) {
  const auto path = test_data("captions/coco_val2014_subset.json");
  LRCN_SKIP_WITHOUT(path);
  const Json root = Json::parse(read_file(path), {}, path.string());
  EXPECT_EQ(root.at("images").size(), 1870u);
  std::size_t captions = 0;
  std::size_t bytes = 0;
  std::int64_t ids = 0;
  for (const Json annotation : root.at("annotations").elements()) {
    ids += annotation.at("id").as_int(0, 1 << 30);
    bytes += annotation.at("caption").as_string().size();
    ++captions;
  }
  EXPECT_EQ(captions, 9350u);
  EXPECT_EQ(ids, 43715925);
  EXPECT_EQ(bytes, 489865u);
}

}  // namespace
}  // namespace lrcn::test
