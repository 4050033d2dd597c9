#include "core/io/json_node.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace lrcn {
namespace {

constexpr std::size_t kFewMembers = 8;

}  // namespace

JsonObject::JsonObject(std::vector<JsonMember> members, std::optional<std::size_t>& duplicate)
    : members_(std::move(members)) {
  duplicate.reset();
  if (members_.size() <= kFewMembers) {
    for (std::size_t i = 1; i < members_.size() && !duplicate; ++i) {
      for (std::size_t k = 0; k < i; ++k) {
        if (members_[k].key == members_[i].key) {
          duplicate = i;
        }
      }
    }
    return;
  }
  sort();
  for (std::size_t i = 1; i < by_key_.size(); ++i) {
    if (members_[by_key_[i - 1]].key == members_[by_key_[i]].key &&
        (!duplicate || by_key_[i] < *duplicate)) {
      duplicate = by_key_[i];
    }
  }
}

void JsonObject::sort() {
  by_key_.resize(members_.size());
  std::iota(by_key_.begin(), by_key_.end(), std::size_t{0});
  std::stable_sort(by_key_.begin(), by_key_.end(), [this](std::size_t a, std::size_t b) {
    return members_[a].key < members_[b].key;
  });
}

std::size_t JsonObject::lower_bound(std::string_view key) const {
  const auto less = [this](std::size_t index, std::string_view sought) {
    return members_[index].key < sought;
  };
  return std::size_t(std::lower_bound(by_key_.begin(), by_key_.end(), key, less) - by_key_.begin());
}

std::optional<std::size_t> JsonObject::find(std::string_view key) const {
  if (by_key_.empty()) {
    for (std::size_t i = 0; i < members_.size(); ++i) {
      if (members_[i].key == key) {
        return i;
      }
    }
    return std::nullopt;
  }
  const std::size_t position = lower_bound(key);
  if (position == by_key_.size() || members_[by_key_[position]].key != key) {
    return std::nullopt;
  }
  return by_key_[position];
}

void JsonObject::set(std::string_view key, JsonNode value) {
  if (const auto old = find(key)) {
    members_[*old].value = std::move(value);
    return;
  }
  if (!by_key_.empty()) {
    const auto place = by_key_.begin() + std::ptrdiff_t(lower_bound(key));
    by_key_.insert(place, members_.size());
  }
  members_.push_back({std::string(key), std::move(value)});
  if (by_key_.empty() && members_.size() > kFewMembers) {
    sort();
  }
}

void append_path(std::string& path, std::string_view key) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  };
  if (!key.empty() && std::all_of(key.begin(), key.end(), is_plain)) {
    path += path.empty() ? "" : ".";
    path += key;
  } else {
    path += '[';
    append_quoted(path, key);
    path += ']';
  }
}

void append_path(std::string& path, std::size_t index) {
  path += '[';
  path += std::to_string(index);
  path += ']';
}

std::string_view name_of(Json::Kind kind) {
  switch (kind) {
    case Json::Kind::null:
      return "null";
    case Json::Kind::boolean:
      return "a boolean";
    case Json::Kind::integer:
      return "an integer";
    case Json::Kind::real:
      return "a real number";
    case Json::Kind::string:
      return "a string";
    case Json::Kind::array:
      return "an array";
    case Json::Kind::object:
      return "an object";
  }
  return "?";
}

}  // namespace lrcn
