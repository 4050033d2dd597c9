// Flags and arguments of one verb.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lrcn {

// Declares what a verb takes, then parses it into the variables given, whose values are the
// defaults.
class Options {
 public:
  // `usage` is what follows "lrcn", for example "train CONFIG.toml [flags]".
  Options(std::string usage, std::string description);
  ~Options();
  Options(const Options&) = delete;
  Options& operator=(const Options&) = delete;

  void flag(const std::string& names, bool& target, const std::string& help);
  void value(const std::string& names, std::string& target, const std::string& help);
  void value(const std::string& names, std::filesystem::path& target, const std::string& help);
  void value(const std::string& names, std::int64_t& target, const std::string& help);
  void value(const std::string& names, double& target, const std::string& help);
  // Without a default: stays empty when it is not given.
  void value(const std::string& names, std::optional<std::int64_t>& target,
             const std::string& help);
  void value(const std::string& names, std::optional<double>& target, const std::string& help);
  // May be given several times.
  void values(const std::string& names, std::vector<std::string>& target, const std::string& help);
  void positional(const std::string& name, std::string& target, const std::string& help);
  // At least one, unless `required` is false.
  void positionals(const std::string& name, std::vector<std::string>& target,
                   const std::string& help, bool required = true);

  // Returns false when --help was asked for and has been printed to stdout. Throws UsageError for
  // unknown flags (with the nearest one), missing or malformed values.
  bool parse(std::span<const std::string> arguments);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lrcn
