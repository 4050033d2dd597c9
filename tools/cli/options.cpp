#include "tools/cli/options.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <sstream>

#include "tools/cli/usage_error.h"
#include "tools/train/nearest_name.h"

namespace lrcn {

struct Options::Impl {
  CLI::App app;
  std::string usage;
};

namespace {

// The usage stands above the description already.
class HelpFormatter final : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App*, std::string) const override { return ""; }
};

// The lower-case words that a usage begins with: "eval captions" of "eval captions --results ...".
std::string verb_of(const std::string& usage) {
  std::istringstream words(usage);
  std::string verb;
  for (std::string word; words >> word && word.front() >= 'a' && word.front() <= 'z';) {
    verb += (verb.empty() ? "" : " ") + word;
  }
  return verb;
}

// What CLI11 says about an unknown flag, with the flag that was probably meant.
std::string with_nearest(const CLI::App& app, const std::string& message,
                         std::span<const std::string> arguments) {
  std::vector<std::string> known;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      known.push_back("--" + name);
    }
  }
  for (const std::string& argument : arguments) {
    const std::string name = argument.substr(0, argument.find('='));
    if (name.starts_with("--") && std::find(known.begin(), known.end(), name) == known.end()) {
      const std::string nearest = nearest_name(name, known);
      return concat("unknown flag ", name,
                    nearest.empty() ? "" : concat("; did you mean ", nearest, "?"));
    }
  }
  return message;
}

}  // namespace

Options::Options(std::string usage, std::string description) : impl_(std::make_unique<Impl>()) {
  impl_->usage = std::move(usage);
  impl_->app.description(std::move(description));
  impl_->app.formatter(std::make_shared<HelpFormatter>());
  impl_->app.set_help_flag("-h,--help", "Print this help and exit");
}

Options::~Options() = default;

void Options::flag(const std::string& names, bool& target, const std::string& help) {
  impl_->app.add_flag(names, target, help);
}

void Options::value(const std::string& names, std::string& target, const std::string& help) {
  impl_->app.add_option(names, target, help)->capture_default_str();
}

void Options::value(const std::string& names, std::filesystem::path& target,
                    const std::string& help) {
  impl_->app.add_option_function<std::string>(
      names, [&target](const std::string& text) { target = text; }, help);
}

void Options::value(const std::string& names, std::int64_t& target, const std::string& help) {
  impl_->app.add_option(names, target, help)->capture_default_str();
}

void Options::value(const std::string& names, double& target, const std::string& help) {
  impl_->app.add_option(names, target, help)->capture_default_str();
}

void Options::value(const std::string& names, std::optional<std::int64_t>& target,
                    const std::string& help) {
  impl_->app.add_option_function<std::int64_t>(
      names, [&target](const std::int64_t& value) { target = value; }, help);
}

void Options::value(const std::string& names, std::optional<double>& target,
                    const std::string& help) {
  impl_->app.add_option_function<double>(
      names, [&target](const double& value) { target = value; }, help);
}

void Options::values(const std::string& names, std::vector<std::string>& target,
                     const std::string& help) {
  impl_->app.add_option(names, target, help)->allow_extra_args(false);
}

void Options::positional(const std::string& name, std::string& target, const std::string& help) {
  impl_->app.add_option(name, target, help)->required();
}

void Options::positionals(const std::string& name, std::vector<std::string>& target,
                          const std::string& help, bool required) {
  impl_->app.add_option(name, target, help)->required(required);
}

bool Options::parse(std::span<const std::string> arguments) {
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    impl_->app.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    const std::string text = impl_->app.help();
    std::cout << "lrcn " << impl_->usage << "\n\n" << text;
    return false;
  } catch (const CLI::ParseError& error) {
    fail<UsageError>(with_nearest(impl_->app, error.what(), arguments), " (see lrcn ",
                     verb_of(impl_->usage), " --help)");
  }
  return true;
}

}  // namespace lrcn
