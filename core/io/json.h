// JSON documents: strict reading with errors that name file and path, building, and writing.
//
//   const Json root = Json::parse(read_file("captions.json"), {}, "captions.json");
//   for (const Json image : root.at("images").elements()) {
//     ids.push_back(image.at("id").as_int(0, 1 << 30));
//   }
//
// A Json is a value that is cheap to copy: copies and parts share one document and keep it alive.
// Every accessor throws DataError with source and path when the document has something else there:
//   "captions.json: images[3].id: expected an integer, got a string"
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace lrcn {

// What a text may contain; beyond it Json::parse throws DataError.
struct JsonLimits {
  std::size_t max_bytes = std::size_t{1} << 30;
  int max_depth = 64;  // objects and arrays inside one another
  // Of all kinds, together. A value of two bytes of text takes fifty bytes of memory and more.
  std::size_t max_values = std::size_t{1} << 25;
};

struct JsonNode;
struct JsonDocument;

class Json {
 public:
  enum class Kind : std::uint8_t { null, boolean, integer, real, string, array, object };
  struct Member;
  template <class Item>
  class Range;

  // Reads one JSON text (RFC 8259). Throws DataError with `source`, line, column and path for a
  // syntax error, a duplicate key, an integer outside of int64, a number outside of double, invalid
  // UTF-8, anything after the value, or a limit exceeded.
  static Json parse(std::string_view text, const JsonLimits& limits = {},
                    std::string_view source = "JSON text");

  Kind kind() const;
  bool is_null() const { return kind() == Kind::null; }
  bool is_bool() const { return kind() == Kind::boolean; }
  bool is_int() const { return kind() == Kind::integer; }
  bool is_number() const { return kind() == Kind::integer || kind() == Kind::real; }
  bool is_string() const { return kind() == Kind::string; }
  bool is_array() const { return kind() == Kind::array; }
  bool is_object() const { return kind() == Kind::object; }

  bool as_bool() const;
  // A number written without fraction and exponent; 3.0 is refused.
  std::int64_t as_int() const;
  std::int64_t as_int(std::int64_t min, std::int64_t max) const;
  // Any number; an integer that a double cannot hold exactly is refused.
  double as_double() const;
  double as_double(double min, double max) const;
  // Valid while any Json of the document lives and is not changed.
  const std::string& as_string() const;

  // Number of elements or members; only arrays and objects have a size.
  std::size_t size() const;
  // The element of an array; DataError when `index` is not inside.
  Json operator[](std::size_t index) const;
  // The value of an object's key: required, or optional. An absent key is not the same as null.
  Json at(std::string_view key) const;
  std::optional<Json> find(std::string_view key) const;
  bool has(std::string_view key) const;
  // Ranges over an array's values and an object's {key, value} in the order of the text.
  //   for (const Json image : images.elements()) ...
  //   for (const auto& [key, value] : tensors.members()) ...
  Range<Json> elements() const;
  Range<Member> members() const;

  // Where this value stands, for messages of one's own: "captions.json: images[3].id". Takes time
  // proportional to the size of the document.
  std::string where() const;
  // Throws DataError: where(), then `what`.
  [[noreturn]] void reject(std::string_view what) const;

  // Building. Objects keep the order of insertion. Changing a value never changes its copies.
  Json();  // null
  Json(std::nullptr_t) : Json() {}
  Json(double value);
  Json(std::string value);
  Json(std::string_view value) : Json(std::string(value)) {}
  Json(const char* value) : Json(std::string(value)) {}
  Json(char) = delete;  // a number or a string?
  template <std::same_as<bool> Bool>
  Json(Bool value) : Json(Tag{}, value) {}
  // Throws ArgumentError for an unsigned value above the largest int64.
  template <std::integral Int>
  requires(!std::same_as<Int, bool>) Json(Int value) : Json(Tag{}, checked(value)) {}

  static Json array(std::initializer_list<Json> elements = {});
  static Json object(std::initializer_list<std::pair<std::string_view, Json>> members = {});
  // Appends to an array; sets a key of an object, in its old place if it is there already. Throw
  // ArgumentError for another kind. Both return *this.
  Json& push_back(Json element);
  Json& set(std::string_view key, Json value);

  // The text: on one line without blanks for indent < 0, otherwise indented. Reals read back as the
  // same bits and stay reals ("1.0"). Throws DataError for NaN, infinity and invalid UTF-8.
  std::string dump(int indent = -1) const;

 private:
  struct Tag {};
  Json(Tag, bool value);
  Json(Tag, std::int64_t value);
  explicit Json(JsonNode node);
  Json(std::shared_ptr<JsonDocument> document, const JsonNode* node);
  // The node as the root of a document that nobody shares.
  JsonNode& own();
  template <class Item>
  Item item(std::size_t index) const;
  template <class Int>
  static std::int64_t checked(Int value) {
    return std::in_range<std::int64_t>(value) ? std::int64_t(value) : refuse_integer();
  }
  [[noreturn]] static std::int64_t refuse_integer();

  std::shared_ptr<JsonDocument> document_;
  const JsonNode* node_;
};

struct Json::Member {
  const std::string& key;
  Json value;
};

// The parts of an array or object, which it keeps alive.
template <class Item>
class Json::Range {
 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Item;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = Item;

    Iterator() = default;
    Iterator(const Json* owner, std::size_t index) : owner_(owner), index_(index) {}
    Item operator*() const { return owner_->template item<Item>(index_); }
    Iterator& operator++() { return ++index_, *this; }
    Iterator operator++(int) { return {owner_, index_++}; }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    const Json* owner_ = nullptr;
    std::size_t index_ = 0;
  };

  explicit Range(Json owner) : owner_(std::move(owner)) {}
  Iterator begin() const { return {&owner_, 0}; }
  Iterator end() const { return {&owner_, owner_.size()}; }

 private:
  Json owner_;
};

template <>
Json Json::item<Json>(std::size_t index) const;
template <>
Json::Member Json::item<Json::Member>(std::size_t index) const;

}  // namespace lrcn
