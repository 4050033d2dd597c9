// lrcn train: from a configuration to a trained model.
#include <omp.h>

#include <iostream>

#include "core/io/file.h"
#include "tools/cli/algorithm_cache.h"
#include "tools/cli/caption_settings.h"
#include "tools/cli/compute_options.h"
#include "tools/cli/exit_code.h"
#include "tools/cli/options.h"
#include "tools/cli/usage_error.h"
#include "tools/cli/verb.h"
#include "tools/train/signal_guard.h"

namespace lrcn {
namespace {

namespace fs = std::filesystem;

struct TrainArguments {
  std::string config;
  std::vector<std::string> sets;
  std::string out;
  ComputeOptions compute;
  std::int64_t threads = 0;
  bool resume = false;
};

// The configuration as it was resolved, so that `lrcn train RUN/config.toml` repeats the run.
void store_config(const fs::path& run, const std::string& resolved) {
  std::error_code error;
  fs::create_directories(run, error);
  check<IoError>(!error, "create folder ", run.string(), ": ", error.message());
  write_file_atomically(run / "config.toml", resolved);
}

int train(const TrainArguments& arguments, Terminal& terminal) {
  check_range("--threads", arguments.threads, 0, kMostThreads);
  Settings settings = Settings::load(arguments.config);
  for (const std::string& assignment : arguments.sets) {
    settings.override_with(assignment);
  }
  CaptionRunConfig config = caption_run_config(settings);
  config.trainer.run = fs::absolute(arguments.out).lexically_normal();
  if (arguments.threads > 0) {
    omp_set_num_threads(int(arguments.threads));
  }

  Context context = arguments.compute.context();
  TerminalProgress progress(terminal);
  AlgorithmCache algorithms(context, terminal);
  CaptionRun run(context, config, progress, arguments.resume);
  algorithms.store(context);
  store_config(config.trainer.run, settings.resolved());
  const SignalGuard signals;
  const Outcome outcome = run.run([&] { return signals.requested(); });
  terminal.finish();

  const std::vector<std::string> bad = run.bad_pictures();
  if (!bad.empty()) {
    terminal.warning(concat(bad.size(), " pictures were left out:"));
    for (const std::string& reason : bad) {
      terminal.line("  " + reason);
    }
  }
  if (outcome == Outcome::interrupted) {
    terminal.line(
        concat("stopped at step ", run.state().step, " and saved; continue with --resume"));
    return kInterrupted;
  }
  std::cout << (config.trainer.run / "last").string() << '\n';
  return kSuccess;
}

}  // namespace

int run_train(std::span<const std::string> arguments, Terminal& terminal) {
  TrainArguments values;
  Options options("train CONFIG.toml [--set key=value ...] [--out RUN] [--resume]",
                  "Trains a model as the configuration says and prints the folder of the newest "
                  "checkpoint.");
  options.positional("CONFIG.toml", values.config, "Configuration; tools/configs has examples");
  options.values("--set", values.sets, "Override a key, for example --set train.steps=500");
  options.value("--out", values.out, "Folder of the run (default: runs/ and the name of CONFIG)");
  options.flag("--resume", values.resume, "Continue from the newest checkpoint in the run folder");
  values.compute.declare(options);
  values.compute.declare_provider(options);
  options.value("--threads", values.threads, "Threads for the arithmetic; 0: as many as there are");
  if (!options.parse(arguments)) {
    return kSuccess;
  }
  if (values.out.empty()) {
    values.out = (fs::path("runs") / fs::path(values.config).stem()).string();
  }
  return train(values, terminal);
}

}  // namespace lrcn
