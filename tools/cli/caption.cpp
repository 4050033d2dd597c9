// lrcn caption: captions for pictures by a trained model.
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>

#include "tools/cli/caption_clock.h"
#include "tools/cli/caption_model.h"
#include "tools/cli/compute_options.h"
#include "tools/cli/data_captions.h"
#include "tools/cli/data_table.h"
#include "tools/cli/exit_code.h"
#include "tools/cli/options.h"
#include "tools/cli/usage_error.h"
#include "tools/cli/verb.h"
#include "tools/data/picture_store.h"
#include "tools/train/signal_guard.h"

namespace lrcn {
namespace {

constexpr double kQuietSeconds = 2.0;  // shorter runs tell no progress

struct CaptionArguments {
  std::vector<std::string> paths;
  std::filesystem::path model;
  std::filesystem::path coco;
  std::filesystem::path images;
  std::string split;
  SearchArguments search;
  std::int64_t batch = 16;
  std::int64_t threads = 0;
  ComputeOptions compute;
  std::string on_bad = "abort";
  bool all = false;
  bool json = false;
  bool timing = false;
  std::filesystem::path output;
  std::filesystem::path results;
};

// Returns false when only help was wanted.
bool parse(std::span<const std::string> arguments, CaptionArguments& values) {
  Options options(
      "caption --model DIR [flags] PATH...",
      "Captions pictures. PATH is a picture, a folder (its pictures, also those of folders below, "
      "in the order of their names), @LIST (a text file with one path a line) or - (such a list on "
      "standard input). Prints FILE<TAB>CAPTION for each picture, in the order given.");
  options.positionals("PATH", values.paths, "Pictures, folders, @lists or -", false);
  options.value("--model", values.model, "Model directory or checkpoint");
  options.value("--coco", values.coco,
                "Caption the pictures of this file with captions (MS COCO or Karpathy)");
  options.value("--images", values.images, "Folder of the pictures of --coco");
  options.value("--split", values.split, "Part of a Karpathy file: train, val or test");
  options.value(
      "--results", values.results,
      "With --coco: also write [{\"image_id\", \"caption\"}] to this file, for lrcn eval");
  options.flag("--json", values.json,
               "Print [{\"file\", \"captions\": [{\"text\", \"logprob\"}]}] instead of lines");
  options.flag("--all", values.all,
               "All captions that the search ends with, with their log probability");
  options.value("--output", values.output, "Write to this file, whole or not at all");
  options.value("--beam", values.search.beam, "Beam width; 1: greedy (default: as the model says)");
  options.flag("--sample", values.search.sample, "Draw captions at random");
  options.value("--samples", values.search.samples, "Draw so many and take the most probable");
  options.value("--temperature", values.search.temperature, "Divides the logits when sampling");
  options.value("--seed", values.search.seed, "Of the random draws (default 0)");
  options.value("--max-words", values.search.max_words, "Longest caption");
  options.value("--batch", values.batch, "Pictures that go through the network at once");
  options.value("--threads", values.threads,
                "Threads that decode pictures; 0: one for each processor");
  values.compute.declare(options);
  values.compute.declare_provider(options);
  options.value("--on-bad", values.on_bad, "Pictures that cannot be read: abort or skip");
  options.flag("--timing", values.timing, "Tell on stderr where the time went");
  return options.parse(arguments);
}

void check_arguments(const CaptionArguments& values) {
  check<UsageError>(!values.model.empty(), "--model is missing: the directory of a trained model");
  check<UsageError>(values.coco.empty() != values.paths.empty(),
                    values.coco.empty() ? "PATH is missing: pictures, folders, @lists or -"
                                        : "PATH and --coco exclude one another");
  check<UsageError>(values.coco.empty() == values.images.empty(),
                    "--coco and --images need one another");
  check<UsageError>(!values.coco.empty() || (values.split.empty() && values.results.empty()),
                    values.split.empty() ? "--results" : "--split", " needs --coco");
  check_range("--batch", values.batch, 1, 4096);
  check_range("--threads", values.threads, 0, kMostThreads);
}

CaptionWriter::Format format_of(const CaptionArguments& values) {
  if (values.json) {
    return CaptionWriter::Format::json;
  }
  return values.all ? CaptionWriter::Format::scored : CaptionWriter::Format::lines;
}

// Where the time of a run went.
struct Times {
  double model_files = 0.0, compile = 0.0, weights = 0.0, waiting = 0.0, network = 0.0,
         output = 0.0, all = 0.0;
};

class CaptionRunner {
 public:
  CaptionRunner(const CaptionArguments& values, Terminal& terminal)
      : values_(values), terminal_(terminal), on_bad_(parse_bad_policy(values.on_bad)) {}

  int run();

 private:
  PictureInputs inputs() const;
  bool stopped() const { return signals_ && signals_->requested(); }
  // Adds the next good pictures until there are `count`; fewer at the end, and when stopped.
  void gather(CaptionReader& reader, std::size_t count, std::vector<PreparedPicture>& pictures);
  void reject(const PreparedPicture& picture);
  void write(CaptionOutputs& output, const std::vector<PreparedPicture>& pictures,
             const std::vector<std::vector<CaptionText>>& captions);
  void tell();
  void report() const;

  const CaptionArguments& values_;
  Terminal& terminal_;
  BadPolicy on_bad_;
  bool output_is_apart_ = false;  // from the terminal
  std::optional<SignalGuard> signals_;
  StopWatch watch_;
  Times times_;
  std::uint64_t done_ = 0;
  std::uint64_t skipped_ = 0;
};

PictureInputs CaptionRunner::inputs() const {
  if (values_.coco.empty()) {
    return PictureInputs(values_.paths);
  }
  return PictureInputs(read_caption_file(values_.coco, values_.images, values_.split));
}

void CaptionRunner::reject(const PreparedPicture& picture) {
  try {
    std::rethrow_exception(picture.error);
  } catch (const Error& error) {
    if (on_bad_ == BadPolicy::abort || dynamic_cast<const MemoryError*>(&error) != nullptr) {
      throw;
    }
    terminal_.warning(concat("left out: ", error.what()));
  }
  ++skipped_;
}

void CaptionRunner::gather(CaptionReader& reader, std::size_t count,
                           std::vector<PreparedPicture>& pictures) {
  const StopWatch waiting;
  while (pictures.size() < count) {
    std::optional<PreparedPicture> picture = reader.next([this] { return stopped(); });
    if (!picture) {
      break;
    }
    if (picture->error == nullptr) {
      pictures.push_back(*std::move(picture));
    } else {
      reject(*picture);
    }
  }
  times_.waiting += waiting.seconds();
}

// The same as far as nobody has to wait and no picture is bad. Returns whether there are `count`.
bool gather_ready(CaptionReader& reader, std::size_t count,
                  std::vector<PreparedPicture>& pictures) {
  while (pictures.size() < count) {
    std::optional<PreparedPicture> picture = reader.next_ready();
    if (!picture) {
      return false;
    }
    pictures.push_back(*std::move(picture));
  }
  return true;
}

void CaptionRunner::write(CaptionOutputs& output, const std::vector<PreparedPicture>& pictures,
                          const std::vector<std::vector<CaptionText>>& captions) {
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    std::vector<CaptionText> wanted = captions[i];
    wanted.resize(values_.all ? wanted.size() : 1);
    output.add(pictures[i].input, wanted);
  }
}

int CaptionRunner::run() {
  const CaptionerFolder captioner = read_model(values_.model);
  const SearchOptions search = search_options(values_.search, captioner.search);
  Context context = values_.compute.context();
  CaptionOutputs output(values_.output, format_of(values_), values_.results);
  output_is_apart_ = !output.uses_standard_output() || ::isatty(STDOUT_FILENO) == 0;
  if (output.writes_files()) {
    signals_.emplace();  // half-written files are to be cleaned away
  }
  PictureInputs pictures_wanted = inputs();
  times_.model_files = watch_.seconds();

  const std::size_t batch = std::max<std::size_t>(
      1, pictures_wanted.left(std::size_t(values_.batch), [this] { return stopped(); }));
  const int processors = std::max(1, int(std::thread::hardware_concurrency()));
  const int threads = values_.threads > 0 ? int(values_.threads) : processors;
  CaptionReader reader(std::move(pictures_wanted), {.preprocessing = captioner.preprocessing,
                                                    .threads = std::min(threads, int(2 * batch)),
                                                    .ahead = 2 * batch,
                                                    .utf8_names = values_.json});
  CaptionModel model(std::move(context), values_.model, captioner, search, std::int64_t(batch));
  times_.compile = model.compile_seconds();
  times_.weights = model.load_seconds();

  std::vector<PreparedPicture> coming;  // the next batch
  for (bool sent = false;;) {
    if (!sent) {
      gather(reader, batch, coming);
    }
    if (stopped()) {
      terminal_.error("stopped by a signal; no file was written");
      return kInterrupted;
    }
    if (coming.empty()) {
      break;
    }
    const StopWatch network;
    if (!sent) {
      model.send(coming);
    }
    model.encode();
    const std::vector<PreparedPicture> pictures = std::exchange(coming, {});
    sent = gather_ready(reader, batch, coming);
    if (sent) {
      model.send(coming);
    }
    const auto captions = model.captions(pictures.size(), done_);
    times_.network += network.seconds();
    const StopWatch writing;
    write(output, pictures, captions);
    output.flush();
    times_.output += writing.seconds();
    done_ += pictures.size();
    tell();
  }
  terminal_.finish();
  check<DataError>(done_ > 0 || skipped_ == 0, "caption: none of ", skipped_,
                   " pictures can be used");
  output.finish();
  times_.all = watch_.seconds();
  report();
  return kSuccess;
}

// Progress, unless it would stand between the captions on a terminal.
void CaptionRunner::tell() {
  if (watch_.seconds() > kQuietSeconds && (output_is_apart_ || !terminal_.interactive())) {
    terminal_.status(concat("captioned ", done_, " pictures, ",
                            decimal_text(double(done_) / watch_.seconds(), 1), "/s"));
  }
}

void CaptionRunner::report() const {
  if (skipped_ > 0) {
    terminal_.line(concat("captioned ", done_, " pictures, left out ", skipped_));
  }
  if (!values_.timing) {
    return;
  }
  DataTable table({DataTable::Align::left, DataTable::Align::right});
  for (const auto& [name, seconds] :
       {std::pair("model files and inputs", times_.model_files),
        std::pair("compiling", times_.compile), std::pair("weights", times_.weights),
        std::pair("waiting for pictures", times_.waiting), std::pair("network", times_.network),
        std::pair("output", times_.output), std::pair("all", times_.all)}) {
    table.add({name, decimal_text(seconds * 1e3, 1) + " ms"});
  }
  terminal_.line(table.text());
}

}  // namespace

int run_caption(std::span<const std::string> arguments, Terminal& terminal) {
  CaptionArguments values;
  if (!parse(arguments, values)) {
    return kSuccess;
  }
  check_arguments(values);
  return CaptionRunner(values, terminal).run();
}

}  // namespace lrcn
