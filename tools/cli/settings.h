// A TOML configuration that knows which of its keys were asked for.
//
// Whoever needs a value asks for it with its default; what was asked for makes up the resolved
// configuration, and a key that nobody asked for is an error. So the set of keys is written down
// once, where they are used.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace lrcn {

class Settings {
 public:
  Settings() = default;
  // Throws NotFoundError, or UsageError with file and line for text that is not TOML or holds other
  // than tables, strings, numbers, booleans and lists of strings or integers.
  static Settings load(const std::filesystem::path& path);
  static Settings parse(std::string_view text, const std::string& source);

  // Applies "table.key=value"; the value is TOML, or a string when it is not. Throws UsageError.
  void override_with(std::string_view assignment);

  // Values by their dotted key. Throw UsageError naming key, expectation and value.
  std::string text(const std::string& key, const std::string& standard);
  // One of `choices`.
  std::string choice(const std::string& key, const std::string& standard,
                     const std::vector<std::string>& choices);
  std::int64_t integer(const std::string& key, std::int64_t standard,
                       std::int64_t low = std::numeric_limits<std::int64_t>::min(),
                       std::int64_t high = std::numeric_limits<std::int64_t>::max());
  double real(const std::string& key, double standard, double low, double high);
  bool boolean(const std::string& key, bool standard);
  std::vector<std::string> texts(const std::string& key, const std::vector<std::string>& standard);
  std::vector<std::int64_t> integers(const std::string& key,
                                     const std::vector<std::int64_t>& standard);
  // A path, made absolute in the resolved configuration; "" stays.
  std::filesystem::path path(const std::string& key, const std::string& standard);
  // A key without default: UsageError when it is not set.
  std::string required_text(const std::string& key);

  // Throws UsageError for a key that nobody asked for, with the nearest one that was.
  void expect_all_used() const;
  // TOML of all values that were asked for, defaults included.
  std::string resolved() const;

 private:
  using Item = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>,
                            std::vector<std::int64_t>>;

  friend class TomlReader;
  template <class T>
  T take(const std::string& key, T standard, const char* expected);
  [[noreturn]] void refuse(const std::string& key, std::string_view what) const;

  std::string source_ = "settings";
  std::map<std::string, Item> given_;
  std::map<std::string, Item> asked_;
};

}  // namespace lrcn
