// lrcn inspect: what is in a model directory, checkpoint, run or safetensors file.
#include <system_error>

#include "core/error.h"
#include "tools/cli/data_output.h"
#include "tools/cli/exit_code.h"
#include "tools/cli/inspect_model.h"
#include "tools/cli/inspect_run.h"
#include "tools/cli/inspect_tensors.h"
#include "tools/cli/options.h"
#include "tools/cli/usage_error.h"
#include "tools/cli/verb.h"

namespace lrcn {
namespace {

namespace fs = std::filesystem;

Phase parse_phase(const std::string& name) {
  check<UsageError>(name == "train" || name == "evaluate",
                    "--phase: expected train or evaluate, got '", name, "'");
  return name == "train" ? Phase::train : Phase::evaluate;
}

std::string describe(const fs::path& path, const InspectOptions& options) {
  std::error_code ignored;
  const auto has = [&](const char* name) { return fs::exists(path / name, ignored); };
  check<NotFoundError>(fs::exists(path, ignored), "inspect: there is no ", path.string());
  if (!fs::is_directory(path, ignored)) {
    return describe_safetensors(path, options.tensors);
  }
  if (has("config.json")) {
    const std::string model = describe_model(path, options);
    return has("trainer.json") ? describe_trainer(path) + '\n' + model : model;
  }
  check<NotFoundError>(has("checkpoints") || has("metrics.jsonl"), "inspect: ", path.string(),
                       " is neither a model directory (config.json), nor a checkpoint "
                       "(trainer.json), nor the folder of a run (checkpoints, metrics.jsonl)");
  return describe_run(path);
}

}  // namespace

int run_inspect(std::span<const std::string> arguments, Terminal&) {
  std::string path;
  std::string phase = "evaluate";
  std::string device = "cpu";
  InspectOptions inspect;
  Options options("inspect PATH [flags]",
                  "Shows a model directory (configuration, parameters, layers), a checkpoint (and "
                  "where its training stands), the folder of a run, or a safetensors file.");
  options.positional("PATH", path, "Folder or file");
  options.flag("--memory", inspect.memory,
               "Show the memory plan of the programs in place of their layers");
  options.flag("--tensors", inspect.tensors, "Show every tensor");
  options.value("--batch", inspect.batch, "Pictures or captions that the programs are made for");
  options.value("--phase", phase, "evaluate: captioning; train: training");
  options.value("--device", device, "cpu, cuda or cuda:INDEX");
  if (!options.parse(arguments)) {
    return kSuccess;
  }
  check_range("--batch", inspect.batch, 1, 4096);
  inspect.phase = parse_phase(phase);
  inspect.device = Device::parse(device);
  print_data(describe(path, inspect));
  return kSuccess;
}

}  // namespace lrcn
