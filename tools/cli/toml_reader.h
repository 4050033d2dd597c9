// TOML text into Settings; the only place that knows the TOML library.
#pragma once

#include <string>
#include <string_view>

namespace lrcn {

class Settings;

class TomlReader {
 public:
  // Adds what `text` sets to `settings`, keys dotted. Throws UsageError with source and line.
  static void read(std::string_view text, const std::string& source, Settings& settings);
};

}  // namespace lrcn
