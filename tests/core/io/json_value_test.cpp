#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/io/json.h"
#include "tests/core/io/throws_with.h"

namespace lrcn::test {
namespace {

Json captions() {
  return Json::parse(R"({"images": [{"id": 1}, {"id": 2}, {"id": -5}, {"id": "four", "w": 0.5}],
                         "odd": {"a b": [null], "": 1, "x.y": true, "ü": 2}})",
                     {}, "captions.json");
}

template <class Work>
std::string refusal(const Work& work) {
  return message_of<DataError>([&] { work(captions()); });
}

TEST(JsonValue, NamesTheSourceThePathAndTheKindsOfAMismatch) {
  EXPECT_EQ(refusal([](const Json& root) { root.at("images")[3].at("id").as_int(); }),
            "captions.json: images[3].id: expected an integer, got a string");
  EXPECT_EQ(refusal([](const Json& root) { root.at("images")[3].at("w").as_int(); }),
            "captions.json: images[3].w: expected an integer, got a real number");
  EXPECT_EQ(refusal([](const Json& root) { root.at("images")[0].at("id").as_string(); }),
            "captions.json: images[0].id: expected a string, got an integer");
  EXPECT_EQ(refusal([](const Json& root) { root.at("images")[0].at("id").as_bool(); }),
            "captions.json: images[0].id: expected a boolean, got an integer");
  EXPECT_EQ(refusal([](const Json& root) { root.at("images")[0].as_double(); }),
            "captions.json: images[0]: expected a number, got an object");
  EXPECT_EQ(refusal([](const Json& root) { root.at("images").at("id"); }),
            "captions.json: images: expected an object, got an array");
  EXPECT_EQ(refusal([](const Json& root) { root.at("images").find("id"); }),
            "captions.json: images: expected an object, got an array");
  EXPECT_EQ(refusal([](const Json& root) { root[0]; }),
            "captions.json: expected an array, got an object");
  EXPECT_EQ(refusal([](const Json& root) { root.elements(); }),
            "captions.json: expected an array, got an object");
  EXPECT_EQ(refusal([](const Json& root) { root.at("images").members(); }),
            "captions.json: images: expected an object, got an array");
  EXPECT_EQ(refusal([](const Json& root) { root.at("images")[0].at("id").size(); }),
            "captions.json: images[0].id: expected an array or an object, got an integer");
}

TEST(JsonValue, NamesMissingKeysAndIndices) {
  EXPECT_EQ(refusal([](const Json& root) { root.at("images")[1].at("file \"x\""); }),
            "captions.json: images[1]: expected the key \"file \\\"x\\\"\", which is missing");
  EXPECT_EQ(refusal([](const Json& root) { root.at("images")[4]; }),
            "captions.json: images: expected more than 4 elements, got 4");
}

TEST(JsonValue, ChecksRanges) {
  EXPECT_EQ(refusal([](const Json& root) { root.at("images")[2].at("id").as_int(0, 100); }),
            "captions.json: images[2].id: expected an integer in [0, 100], got -5");
  EXPECT_EQ(refusal([](const Json& root) { root.at("images")[3].at("w").as_double(-1, 0.25); }),
            "captions.json: images[3].w: expected a number in [-1, 0.25], got 0.5");
  const Json root = captions();
  EXPECT_EQ(root.at("images")[2].at("id").as_int(-5, -5), -5);
  EXPECT_EQ(root.at("images")[3].at("w").as_double(0.5, 0.5), 0.5);
}

TEST(JsonValue, ReadsIntegersAsDoublesOnlyWhenTheyFit) {
  EXPECT_EQ(Json::parse("9007199254740992").as_double(), 9007199254740992.0);
  EXPECT_TRUE(throws_with<DataError>("expected a number that a double holds exactly",
                                     [] { Json::parse("9007199254740993").as_double(); }));
}

TEST(JsonValue, QuotesKeysInPathsThatAreNoPlainWords) {
  const Json odd = captions().at("odd");
  EXPECT_EQ(odd.at("a b")[0].where(), "captions.json: odd[\"a b\"][0]");
  EXPECT_EQ(odd.at("").where(), "captions.json: odd[\"\"]");
  EXPECT_EQ(odd.at("x.y").where(), "captions.json: odd[\"x.y\"]");
  EXPECT_EQ(odd.at("ü").where(), "captions.json: odd[\"ü\"]");
  EXPECT_EQ(captions().where(), "captions.json");
}

TEST(JsonValue, TellsAbsentKeysFromNull) {
  const Json odd = Json::parse(R"({"a": null})");
  ASSERT_TRUE(odd.find("a").has_value());
  EXPECT_TRUE(odd.find("a")->is_null());
  EXPECT_FALSE(odd.find("b").has_value());
  EXPECT_TRUE(odd.has("a"));
  EXPECT_FALSE(odd.has("b"));
}

TEST(JsonValue, WalksThroughElementsAndMembersInOrder) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : captions().at("odd").members()) {
    keys.push_back(key + "=" + value.dump());
  }
  EXPECT_EQ(keys, (std::vector<std::string>{"a b=[null]", "=1", "x.y=true", "ü=2"}));

  std::size_t count = 0;
  for (const Json image : captions().at("images").elements()) {
    EXPECT_EQ(image.where(), "captions.json: images[" + std::to_string(count++) + "]");
  }
  EXPECT_EQ(count, 4u);
}

TEST(JsonValue, KeepsTheDocumentOfAPartAlive) {
  std::optional<Json> part;
  {
    const Json root = captions();
    part = root.at("images")[3].at("id");
  }
  EXPECT_EQ(part->as_string(), "four");
  EXPECT_EQ(part->where(), "captions.json: images[3].id");
}

TEST(JsonValue, TakesEveryTypeOfNumber) {
  EXPECT_EQ(Json(std::uint8_t{7}).as_int(), 7);
  EXPECT_EQ(Json(std::size_t{1} << 62).as_int(), std::int64_t{1} << 62);
  EXPECT_EQ(Json(-3).as_int(), -3);
  EXPECT_EQ(Json(0.5f).as_double(), 0.5);
  EXPECT_TRUE(Json(true).as_bool());
  EXPECT_TRUE(Json(nullptr).is_null());
  EXPECT_EQ(Json("text").as_string(), "text");
  EXPECT_THROW(Json(std::numeric_limits<std::uint64_t>::max()), ArgumentError);
}

TEST(JsonValue, BuildsObjectsInTheOrderOfInsertion) {
  Json root = Json::object({{"z", 1}, {"a", Json::array({true, "two", nullptr})}});
  root.set("m", 2.5).set("z", "changed");
  EXPECT_EQ(root.dump(), R"({"z":"changed","a":[true,"two",null],"m":2.5})");
}

TEST(JsonValue, FindsKeysInObjectsThatGrow) {
  Json root = Json::object();
  for (int i = 0; i < 1000; ++i) {
    root.set("key " + std::to_string(i * 389 % 1000), i);
    ASSERT_EQ(root.at("key " + std::to_string(i * 389 % 1000)).as_int(), i);
  }
  root.set("key 389", "changed");
  EXPECT_EQ(root.size(), 1000u);
  EXPECT_EQ(root.at("key 389").as_string(), "changed");
  EXPECT_FALSE(root.has("key 1000"));
  Json copy = root;
  copy.set("more", 1);
  EXPECT_TRUE(copy.has("key 7"));
  EXPECT_FALSE(root.has("more"));
}

TEST(JsonValue, ChangesNoCopyAndNoPart) {
  Json root = Json::parse(R"({"list": [1]})");
  const Json copy = root;
  Json list = root.at("list");
  list.push_back(2);
  root.set("list", list);
  list.push_back(3);
  EXPECT_EQ(copy.dump(), R"({"list":[1]})");
  EXPECT_EQ(root.dump(), R"({"list":[1,2]})");
  EXPECT_EQ(list.dump(), "[1,2,3]");
}

TEST(JsonValue, MayContainACopyOfItself) {
  Json list = Json::array({1});
  list.push_back(list);
  list.push_back(list);
  EXPECT_EQ(list.dump(), "[1,[1],[1,[1]]]");
}

TEST(JsonValue, RefusesToGrowWhatIsNoContainer) {
  Json number = 1;
  EXPECT_TRUE(throws_with<ArgumentError>("push_back needs an array, got an integer",
                                         [&] { number.push_back(1); }));
  Json list = Json::array();
  EXPECT_TRUE(
      throws_with<ArgumentError>("set needs an object, got an array", [&] { list.set("a", 1); }));
}

}  // namespace
}  // namespace lrcn::test
