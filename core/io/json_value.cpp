// Reading and building Json values.
#include <cmath>
#include <functional>
#include <string>
#include <utility>

#include "core/error.h"
#include "core/io/json_node.h"

namespace lrcn {
namespace {

// Appends the path from `node` down to `sought`; false when it is not below. Looking for it only
// when a message needs it keeps the accessors free of path bookkeeping.
bool find_path(const JsonNode& node, const JsonNode* sought, std::string& path) {
  if (&node == sought) {
    return true;
  }
  const std::size_t length = path.size();
  if (const auto* array = std::get_if<JsonArray>(&node.value)) {
    for (std::size_t i = 0; i < array->size(); ++i) {
      append_path(path, i);
      if (find_path((*array)[i], sought, path)) {
        return true;
      }
      path.resize(length);
    }
  } else if (const auto* object = std::get_if<JsonObject>(&node.value)) {
    for (const JsonMember& member : object->members()) {
      append_path(path, member.key);
      if (find_path(member.value, sought, path)) {
        return true;
      }
      path.resize(length);
    }
  }
  return false;
}

template <class T>
const T& get(const Json& json, const JsonNode& node, Json::Kind wanted) {
  const T* value = std::get_if<T>(&node.value);
  if (value == nullptr) [[unlikely]] {
    json.reject(concat("expected ", name_of(wanted), ", got ", name_of(node.kind())));
  }
  return *value;
}

}  // namespace

Json::Json(std::shared_ptr<JsonDocument> document, const JsonNode* node)
    : document_(std::move(document)), node_(node) {}

Json::Json() : Json(JsonNode{}) {}
Json::Json(JsonNode node) : document_(std::make_shared<JsonDocument>()), node_(&document_->root) {
  document_->root = std::move(node);
}
Json::Json(Tag, bool value) : Json(JsonNode{value}) {}
Json::Json(Tag, std::int64_t value) : Json(JsonNode{value}) {}
Json::Json(double value) : Json(JsonNode{value}) {}
Json::Json(std::string value) : Json(JsonNode{std::move(value)}) {}

std::int64_t Json::refuse_integer() {
  fail<ArgumentError>("JSON: an integer must lie within int64, got one above 9223372036854775807");
}

Json::Kind Json::kind() const { return node_->kind(); }

bool Json::as_bool() const { return get<bool>(*this, *node_, Kind::boolean); }

std::int64_t Json::as_int() const { return get<std::int64_t>(*this, *node_, Kind::integer); }

std::int64_t Json::as_int(std::int64_t min, std::int64_t max) const {
  const std::int64_t value = as_int();
  if (value < min || value > max) {
    reject(concat("expected an integer in [", min, ", ", max, "], got ", value));
  }
  return value;
}

double Json::as_double() const {
  if (const auto* integer = std::get_if<std::int64_t>(&node_->value)) {
    constexpr std::int64_t kExact = std::int64_t{1} << 53;  // beyond it doubles skip integers
    if (*integer < -kExact || *integer > kExact) {
      reject(concat("expected a number that a double holds exactly, got ", *integer));
    }
    return double(*integer);
  }
  const double* real = std::get_if<double>(&node_->value);
  if (real == nullptr) {
    reject(concat("expected a number, got ", name_of(kind())));
  }
  return *real;
}

double Json::as_double(double min, double max) const {
  const double value = as_double();
  if (!(value >= min && value <= max)) {
    reject(concat("expected a number in [", min, ", ", max, "], got ", value));
  }
  return value;
}

const std::string& Json::as_string() const { return get<std::string>(*this, *node_, Kind::string); }

std::size_t Json::size() const {
  if (const auto* array = std::get_if<JsonArray>(&node_->value)) {
    return array->size();
  }
  if (const auto* object = std::get_if<JsonObject>(&node_->value)) {
    return object->members().size();
  }
  reject(concat("expected an array or an object, got ", name_of(kind())));
}

Json Json::operator[](std::size_t index) const {
  const JsonArray& array = get<JsonArray>(*this, *node_, Kind::array);
  if (index >= array.size()) {
    reject(concat("expected more than ", index, " elements, got ", array.size()));
  }
  return {document_, &array[index]};
}

Json Json::at(std::string_view key) const {
  std::optional<Json> value = find(key);
  if (!value) {
    std::string quoted;
    append_quoted(quoted, key);
    reject(concat("expected the key ", quoted, ", which is missing"));
  }
  return *std::move(value);
}

std::optional<Json> Json::find(std::string_view key) const {
  const JsonObject& object = get<JsonObject>(*this, *node_, Kind::object);
  const auto index = object.find(key);
  if (!index) {
    return std::nullopt;
  }
  return Json(document_, &object.members()[*index].value);
}

bool Json::has(std::string_view key) const {
  return get<JsonObject>(*this, *node_, Kind::object).find(key).has_value();
}

Json::Range<Json> Json::elements() const {
  get<JsonArray>(*this, *node_, Kind::array);
  return Range<Json>(*this);
}

Json::Range<Json::Member> Json::members() const {
  get<JsonObject>(*this, *node_, Kind::object);
  return Range<Member>(*this);
}

template <>
Json Json::item<Json>(std::size_t index) const {
  return {document_, &std::get<JsonArray>(node_->value)[index]};
}

template <>
Json::Member Json::item<Json::Member>(std::size_t index) const {
  const JsonMember& member = std::get<JsonObject>(node_->value).members()[index];
  return {member.key, Json(document_, &member.value)};
}

std::string Json::where() const {
  std::string path;
  find_path(document_->root, node_, path);
  const std::string& source = document_->source;
  return source.empty() || path.empty() ? source + path : source + ": " + path;
}

void Json::reject(std::string_view what) const {
  const std::string place = where();
  fail<DataError>(place.empty() ? "JSON" : place, ": ", what);
}

Json Json::array(std::initializer_list<Json> elements) {
  Json json(JsonNode{JsonArray{}});
  for (const Json& element : elements) {
    json.push_back(element);
  }
  return json;
}

Json Json::object(std::initializer_list<std::pair<std::string_view, Json>> members) {
  Json json(JsonNode{JsonObject{}});
  for (const auto& [key, value] : members) {
    json.set(key, value);
  }
  return json;
}

JsonNode& Json::own() {
  if (document_.use_count() != 1 || node_ != &document_->root) {
    *this = Json(JsonNode(*node_));
  }
  return document_->root;
}

Json& Json::push_back(Json element) {
  check(is_array(), "JSON: push_back needs an array, got ", name_of(kind()));
  std::get<JsonArray>(own().value).push_back(std::move(element.own()));
  return *this;
}

Json& Json::set(std::string_view key, Json value) {
  check(is_object(), "JSON: set needs an object, got ", name_of(kind()));
  std::get<JsonObject>(own().value).set(key, std::move(value.own()));
  return *this;
}

}  // namespace lrcn
