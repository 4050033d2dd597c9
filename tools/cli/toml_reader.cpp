#include "tools/cli/toml_reader.h"

#include <toml++/toml.h>

#include "core/io/file.h"
#include "tools/cli/settings.h"
#include "tools/cli/usage_error.h"

namespace lrcn {
namespace {

template <class T>
std::vector<T> elements(const toml::array& array) {
  std::vector<T> values;
  for (const toml::node& node : array) {
    values.push_back(*node.value<T>());
  }
  return values;
}

[[noreturn]] void refuse(const std::string& source, const std::string& key,
                         const toml::node& node) {
  fail<UsageError>(source, ':', node.source().begin.line, ": ", key,
                   ": expected a string, a number, true, false, or a list of strings or integers");
}

}  // namespace

void TomlReader::read(std::string_view text, const std::string& source, Settings& settings) {
  const auto add = [&](const auto& self, const toml::table& table,
                       const std::string& prefix) -> void {
    for (const auto& [name, node] : table) {
      const std::string key = prefix + std::string(name.str());
      if (const toml::table* inner = node.as_table()) {
        self(self, *inner, key + '.');
      } else if (const toml::array* array = node.as_array()) {
        if (array->is_homogeneous(toml::node_type::string)) {
          settings.given_[key] = elements<std::string>(*array);
        } else if (array->empty() || array->is_homogeneous(toml::node_type::integer)) {
          settings.given_[key] = elements<std::int64_t>(*array);
        } else {
          refuse(source, key, node);
        }
      } else if (const auto* text_value = node.as_string()) {
        settings.given_[key] = text_value->get();
      } else if (const auto* integer = node.as_integer()) {
        settings.given_[key] = integer->get();
      } else if (const auto* real = node.as_floating_point()) {
        settings.given_[key] = real->get();
      } else if (const auto* boolean = node.as_boolean()) {
        settings.given_[key] = boolean->get();
      } else {
        refuse(source, key, node);
      }
    }
  };
  try {
    add(add, toml::parse(text, source), "");
  } catch (const toml::parse_error& error) {
    fail<UsageError>(source, ':', error.source().begin.line, ':', error.source().begin.column, ": ",
                     error.description());
  }
}

Settings Settings::load(const std::filesystem::path& path) {
  return parse(read_file(path), path.string());
}

}  // namespace lrcn
