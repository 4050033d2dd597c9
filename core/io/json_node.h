// The tree behind Json: included by the json*.cpp files alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/io/json.h"

namespace lrcn {

struct JsonMember;

using JsonArray = std::vector<JsonNode>;

// Members in the order of the text. Objects with more than a few members also keep their indices
// sorted by key, so that look-up and the search for duplicates stay quick for a hostile file, too.
class JsonObject {
 public:
  JsonObject() = default;
  // Takes the members of a text over; `duplicate` receives the index of a member whose key has
  // stood before, if there is one.
  JsonObject(std::vector<JsonMember> members, std::optional<std::size_t>& duplicate);

  const std::vector<JsonMember>& members() const { return members_; }
  std::optional<std::size_t> find(std::string_view key) const;
  void set(std::string_view key, JsonNode value);

 private:
  // Position in by_key_ of the first key that is not less.
  std::size_t lower_bound(std::string_view key) const;
  void sort();

  std::vector<JsonMember> members_;
  std::vector<std::size_t> by_key_;  // empty while there are few members
};

// The alternatives stand in the order of Json::Kind.
struct JsonNode {
  std::variant<std::monostate, bool, std::int64_t, double, std::string, JsonArray, JsonObject>
      value;

  Json::Kind kind() const { return static_cast<Json::Kind>(value.index()); }
};

struct JsonMember {
  std::string key;
  JsonNode value;
};

struct JsonDocument {
  JsonNode root;
  std::string source;  // empty for a document built in memory
};

// One step of a path appended to it: ".id", "[3]" or, for a key that is not a plain word, ["a b"].
void append_path(std::string& path, std::string_view key);
void append_path(std::string& path, std::size_t index);

// "an integer", "a string", ...
std::string_view name_of(Json::Kind kind);

// The string in quotes, escaped for JSON. The string must be valid UTF-8.
void append_quoted(std::string& out, std::string_view text);

}  // namespace lrcn
