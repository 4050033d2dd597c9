#include "tools/cli/settings.h"

#include <algorithm>
#include <cstdio>
#include <type_traits>

#include "tools/cli/toml_reader.h"
#include "tools/cli/usage_error.h"
#include "tools/train/nearest_name.h"

namespace lrcn {
namespace {

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (const auto byte = static_cast<unsigned char>(c); byte < 0x20 || byte == 0x7f) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04X", byte);
      result += escaped;
      continue;
    }
    if (c == '"' || c == '\\') {
      result += '\\';
    }
    result += c;
  }
  return result + '"';
}

std::string real_text(double value) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%.17g", value);
  for (int precision = 1; precision < 17; ++precision) {  // the shortest that reads back the same
    char shorter[32];
    std::snprintf(shorter, sizeof shorter, "%.*g", precision, value);
    if (std::stod(shorter) == value) {
      std::copy(std::begin(shorter), std::end(shorter), std::begin(digits));
      break;
    }
  }
  std::string text = digits;
  return text.find_first_of(".eni") == std::string::npos ? text + ".0" : text;
}

template <class T>
std::string list_text(const std::vector<T>& values) {
  std::string text = "[";
  for (const T& value : values) {
    if constexpr (std::is_same_v<T, std::string>) {
      text += (text.size() > 1 ? ", " : "") + quoted(value);
    } else {
      text += (text.size() > 1 ? ", " : "") + std::to_string(value);
    }
  }
  return text + "]";
}

struct TomlText {
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(double value) const { return real_text(value); }
  std::string operator()(const std::string& value) const { return quoted(value); }
  std::string operator()(const std::vector<std::string>& value) const { return list_text(value); }
  std::string operator()(const std::vector<std::int64_t>& value) const { return list_text(value); }
};

}  // namespace

void Settings::refuse(const std::string& key, std::string_view what) const {
  fail<UsageError>(source_, ": ", key, ": ", what);
}

template <class T>
T Settings::take(const std::string& key, T standard, const char* expected) {
  const auto found = given_.find(key);
  if (found == given_.end()) {
    asked_[key] = standard;
    return standard;
  }
  Item item = found->second;
  if constexpr (std::is_same_v<T, double>) {  // 1 is as good as 1.0
    if (const auto* whole = std::get_if<std::int64_t>(&item)) {
      item = double(*whole);
    }
  }
  if constexpr (std::is_same_v<T, std::vector<std::string>>) {  // an empty list has no type
    const auto* numbers = std::get_if<std::vector<std::int64_t>>(&item);
    if (numbers != nullptr && numbers->empty()) {
      item = std::vector<std::string>();
    }
  }
  const T* value = std::get_if<T>(&item);
  if (value == nullptr) {
    refuse(key, concat("expected ", expected, ", got ", std::visit(TomlText(), found->second)));
  }
  asked_[key] = *value;
  return *value;
}

std::string Settings::text(const std::string& key, const std::string& standard) {
  return take<std::string>(key, standard, "a string");
}

std::string Settings::required_text(const std::string& key) {
  if (!given_.contains(key)) {
    asked_[key] = std::string();
    refuse(key, "is not set, and there is no default");
  }
  return text(key, "");
}

std::string Settings::choice(const std::string& key, const std::string& standard,
                             const std::vector<std::string>& choices) {
  const std::string value = text(key, standard);
  if (std::find(choices.begin(), choices.end(), value) == choices.end()) {
    std::string list;
    for (const std::string& each : choices) {
      list += (list.empty() ? "" : ", ") + each;
    }
    const std::string nearest = nearest_name(value, choices);
    refuse(key, concat("expected one of ", list, ", got ", quoted(value),
                       nearest.empty() ? "" : "; did you mean " + nearest + "?"));
  }
  return value;
}

std::int64_t Settings::integer(const std::string& key, std::int64_t standard, std::int64_t low,
                               std::int64_t high) {
  const auto value = take<std::int64_t>(key, standard, "an integer");
  if (value < low || value > high) {
    refuse(key, concat("expected an integer from ", low, " to ", high, ", got ", value));
  }
  return value;
}

double Settings::real(const std::string& key, double standard, double low, double high) {
  const double value = take<double>(key, standard, "a number");
  if (!(value >= low && value <= high)) {
    refuse(key, concat("expected a number from ", low, " to ", high, ", got ", value));
  }
  return value;
}

bool Settings::boolean(const std::string& key, bool standard) {
  return take<bool>(key, standard, "true or false");
}

std::vector<std::string> Settings::texts(const std::string& key,
                                         const std::vector<std::string>& standard) {
  return take<std::vector<std::string>>(key, standard, "a list of strings");
}

std::vector<std::int64_t> Settings::integers(const std::string& key,
                                             const std::vector<std::int64_t>& standard) {
  return take<std::vector<std::int64_t>>(key, standard, "a list of integers");
}

std::filesystem::path Settings::path(const std::string& key, const std::string& standard) {
  const std::string value = text(key, standard);
  if (value.empty()) {
    return {};
  }
  const std::filesystem::path absolute = std::filesystem::absolute(value).lexically_normal();
  asked_[key] = absolute.string();
  return absolute;
}

void Settings::expect_all_used() const {
  std::vector<std::string> known;
  for (const auto& [key, item] : asked_) {
    known.push_back(key);
  }
  for (const auto& [key, item] : given_) {
    if (!asked_.contains(key)) {
      const std::string nearest = nearest_name(key, known);
      refuse(key, concat("there is no such key",
                         nearest.empty() ? "" : concat("; did you mean ", nearest, "?")));
    }
  }
}

std::string Settings::resolved() const {
  std::map<std::string, std::string> tables;  // by name; a table stands before those inside of it
  for (const auto& [key, item] : asked_) {
    const std::size_t dot = key.rfind('.');
    const std::string table = dot == std::string::npos ? "" : key.substr(0, dot);
    tables[table] += key.substr(dot + 1) + " = " + std::visit(TomlText(), item) + "\n";
  }
  std::string text;
  for (const auto& [name, lines] : tables) {
    if (!name.empty()) {
      text += (text.empty() ? "[" : "\n[") + name + "]\n";
    }
    text += lines;
  }
  return text;
}

Settings Settings::parse(std::string_view text, const std::string& source) {
  Settings settings;
  settings.source_ = source;
  TomlReader::read(text, source, settings);
  return settings;
}

void Settings::override_with(std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  check<UsageError>(equals != std::string_view::npos && equals > 0,
                    "--set: expected key=value, got '", assignment, "'");
  const std::string key(assignment.substr(0, equals));
  const std::string value(assignment.substr(equals + 1));
  Settings one;
  one.source_ = "--set " + key;
  try {
    TomlReader::read(key + " = " + value, one.source_, one);
  } catch (const UsageError&) {
    TomlReader::read(key + " = " + quoted(value), one.source_, one);
  }
  for (const auto& [each, item] : one.given_) {
    given_[each] = item;
  }
}

}  // namespace lrcn
