// lrcn: train and use long-term recurrent convolutional networks.
#include <algorithm>
#include <array>
#include <exception>
#include <iostream>
#include <new>
#include <string>
#include <vector>

#include "core/version.h"
#include "tools/cli/data_output.h"
#include "tools/cli/exit_code.h"
#include "tools/cli/verb.h"
#include "tools/train/nearest_name.h"

namespace {

struct NamedVerb {
  const char* name;
  lrcn::Verb* run;
  const char* summary;
};

constexpr std::array<NamedVerb, 7> kVerbs = {{
    {"train", lrcn::run_train, "train a model from a TOML configuration"},
    {"caption", lrcn::run_caption, "caption pictures with a trained model"},
    {"eval", lrcn::run_eval, "score captions against references"},
    {"inspect", lrcn::run_inspect,
     "show what is in a model directory, checkpoint, run or safetensors file"},
    {"data", lrcn::run_data, "make and verify data sets"},
    {"bench", lrcn::run_bench, "measure kernels and whole models on this machine"},
    {"doctor", lrcn::run_doctor, "show versions, processor, devices and what is missing"},
}};

void print_help(std::ostream& out) {
  out << "lrcn VERB [arguments]\n\n"
         "Trains and uses long-term recurrent convolutional networks.\n\n"
         "Verbs:\n";
  for (const NamedVerb& verb : kVerbs) {
    out << "  " << verb.name << std::string(10 - std::string(verb.name).size(), ' ') << verb.summary
        << '\n';
  }
  out << "\n`lrcn VERB --help` tells what a verb takes; `lrcn --version` prints the version.\n"
         "Exit codes: 0 done, 2 usage, 65 bad data, 66 no input, 70 internal, 74 I/O,\n"
         "75 stopped by a signal after saving.\n";
}

int run(const std::vector<std::string>& arguments, lrcn::Terminal& terminal) {
  if (arguments.empty()) {
    print_help(std::cerr);
    return lrcn::kUsage;
  }
  const std::string& name = arguments[0];
  if (name == "--help" || name == "-h" || name == "help") {
    print_help(std::cout);
    return lrcn::kSuccess;
  }
  if (name == "--version") {
    std::cout << "lrcn " << lrcn::version() << '\n';
    return lrcn::kSuccess;
  }
  const auto verb = std::find_if(kVerbs.begin(), kVerbs.end(),
                                 [&](const NamedVerb& each) { return name == each.name; });
  if (verb == kVerbs.end()) {
    std::vector<std::string> names;
    std::transform(kVerbs.begin(), kVerbs.end(), std::back_inserter(names),
                   [](const NamedVerb& each) { return std::string(each.name); });
    const std::string nearest = lrcn::nearest_name(name, names);
    terminal.error("there is no verb '" + name + "'" +
                   (nearest.empty() ? "" : "; did you mean " + nearest + "?") +
                   " (see lrcn --help)");
    return lrcn::kUsage;
  }
  return verb->run(std::span(arguments).subspan(1), terminal);
}

}  // namespace

int main(int argc, char** argv) {
  lrcn::prepare_standard_streams();
  lrcn::Terminal terminal;
  try {
    const int code = run(std::vector<std::string>(argv + 1, argv + argc), terminal);
    std::cout.flush();
    if (!std::cout) {
      terminal.error("writing to standard output failed");
      return lrcn::kIoFailed;
    }
    return code;
  } catch (const std::bad_alloc&) {
    terminal.error("out of memory");
    return lrcn::kInternal;
  } catch (const std::exception& error) {
    terminal.error(error.what());
    return lrcn::exit_code_of(error);
  }
}
