#include "tools/cli/eval_report.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>

#include "core/error.h"
#include "core/io/file.h"
#include "core/io/safetensors.h"
#include "tools/cli/data_captions.h"
#include "tools/cli/data_output.h"
#include "tools/cli/data_table.h"
#include "tools/cli/eval_captions.h"
#include "tools/cli/exit_code.h"
#include "tools/cli/options.h"
#include "tools/cli/usage_error.h"
#include "tools/data/picture_store.h"
#include "tools/eval/caption_files.h"
#include "tools/report/html_report.h"
#include "tools/train/checkpoint.h"
#include "tools/train/model_folder.h"

namespace lrcn {
namespace {

namespace fs = std::filesystem;

// Without validation and saving.
constexpr const char* kTrainingTime = "Training at that speed";

struct ReportArguments {
  fs::path run;
  fs::path references;
  fs::path results;
  fs::path images;
  fs::path output;
  std::string split;
  std::string title = "What the captioner sees";
  std::string on_bad = "abort";
  std::int64_t pictures = 60;
};

bool parse(std::span<const std::string> arguments, ReportArguments& values) {
  Options options(
      "eval report --references REFS.json --results RESULTS.json --images DIR --output "
      "PAGE.html [flags]",
      "Writes one HTML page, complete in itself: what was trained, the curves of the "
      "training, the scores, and held-out pictures with the captions they got.");
  options.value("--run", values.run, "Folder of the training run: configuration, curves, model");
  options.value("--references", values.references,
                "Captions that people wrote, in the format of MS COCO or Karpathy");
  options.value("--results", values.results, "Captions to show, as lrcn caption --results writes");
  options.value("--images", values.images, "Folder of the pictures");
  options.value("--output", values.output, "The page");
  options.value("--split", values.split, "Part of a Karpathy file: train, val or test");
  options.value("--title", values.title, "Title of the page");
  options.value("--pictures", values.pictures, "Pictures to show at most");
  options.value("--on-bad", values.on_bad, "Pictures that cannot be read: abort or skip");
  return options.parse(arguments);
}

void check_arguments(const ReportArguments& values) {
  for (const auto& [name, path] :
       {std::pair("--references", &values.references), std::pair("--results", &values.results),
        std::pair("--images", &values.images), std::pair("--output", &values.output)}) {
    check<UsageError>(!path->empty(), name, " is missing");
  }
  check_range("--pictures", values.pictures, 0, 10'000);
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + std::ptrdiff_t(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

ReportContent::Facts timing_of(const RunMetrics& metrics, const TrainerState* state) {
  std::vector<double> rates;
  for (const TrainingPoint& point : metrics.training) {
    if (point.examples_per_second > 0.0) {
      rates.push_back(point.examples_per_second);
    }
  }
  ReportContent::Facts facts;
  if (state != nullptr) {
    facts.emplace_back("Training steps", grouped(state->step));
    facts.emplace_back("Captions seen", grouped(state->examples));
  }
  if (!rates.empty()) {
    const double rate = median(rates);
    facts.emplace_back("Captions per second, median", decimal_text(rate, 1));
    if (state != nullptr) {
      facts.emplace_back(kTrainingTime, clock_text(double(state->examples) / rate));
    }
  }
  return facts;
}

ReportContent::Facts facts_of(const CaptionerFolder& captioner, const fs::path& folder) {
  const CaptionerConfig& config = captioner.config;
  std::int64_t parameters = 0;
  const SafetensorsFile file = SafetensorsFile::open(folder / "model.safetensors");
  for (const StoredTensor& tensor : file.tensors()) {
    parameters += std::int64_t(tensor.bytes.size() * 8 / bits_of(tensor.dtype));
  }
  return {{"Encoder", config.encoder.architecture},
          {"Pictures", concat(config.encoder.image_size, " x ", config.encoder.image_size)},
          {"Variant", config.variant},
          {"LSTM layers", std::to_string(config.lstm_layers())},
          {"Hidden size", grouped(config.hidden)},
          {"Embedding size", grouped(config.embedding)},
          {"Vocabulary", grouped(config.vocabulary)},
          {"Parameters", grouped(parameters)}};
}

// All that the folder of a run tells, as far as it is there.
void add_run(const fs::path& run, ReportContent& content) {
  std::error_code ignored;
  check<NotFoundError>(fs::is_directory(run, ignored), "report: there is no folder ", run.string());
  if (fs::exists(run / "config.toml", ignored)) {
    content.config = read_file(run / "config.toml");
  }
  content.metrics = read_metrics(run / "metrics.jsonl");
  std::optional<Checkpoint> last;
  if (fs::exists(run / "last", ignored)) {
    last = open_checkpoint(run / "last");
  }
  content.timing = timing_of(content.metrics, last ? &last->state : nullptr);
  const fs::path model = run / (fs::exists(run / "best", ignored) ? "best" : "last");
  if (fs::exists(model / "config.json", ignored)) {
    const CaptionerFolder captioner = read_captioner_folder(model);
    content.model = facts_of(captioner, model);
    content.subtitle = concat(
        "An LRCN captioner: a ", captioner.config.encoder.architecture, " encoder and ",
        captioner.config.lstm_layers(), " LSTM layers (variant ", captioner.config.variant,
        ") that say what is in a picture, in ", grouped(captioner.config.vocabulary), " words.");
  }
}

void add_scores(const ReferenceCaptions& references, const ResultCaptions& results,
                ReportContent& content) {
  const CaptionScores scores = score_captions(references, results);
  const double exact = exact_match_rate(references, results);
  content.captioned = results.size();
  content.right = std::size_t(exact * double(results.size()) + 0.5);
  content.headline = {{"Exact match", decimal_text(100.0 * exact, 1) + " %"},
                      {"CIDEr", decimal_text(scores.cider, 2)},
                      {"BLEU-4", decimal_text(scores.bleu[3], 3)},
                      {"ROUGE-L", decimal_text(scores.rouge_l, 3)},
                      {"Pictures", grouped(std::int64_t(results.size()))}};
  for (const auto& [name, value] : content.timing) {
    if (name == kTrainingTime) {
      content.headline.emplace_back("Training", value);
    }
  }
  content.scores = {
      {"BLEU-1", decimal_text(scores.bleu[0], 4)},  {"BLEU-2", decimal_text(scores.bleu[1], 4)},
      {"BLEU-3", decimal_text(scores.bleu[2], 4)},  {"BLEU-4", decimal_text(scores.bleu[3], 4)},
      {"ROUGE-L", decimal_text(scores.rouge_l, 4)}, {"CIDEr-D", decimal_text(scores.cider, 4)},
      {"Exact match", decimal_text(exact, 4)}};
}

void add_pictures(const CaptionSet& set, const ResultCaptions& results,
                  const ReportArguments& values, Terminal& terminal, ReportContent& content) {
  std::vector<const CaptionSet::Item*> captioned;
  for (const CaptionSet::Item& item : set.items) {
    if (results.contains(item.image_id)) {
      captioned.push_back(&item);
    }
  }
  const std::size_t shown = std::min(captioned.size(), std::size_t(values.pictures));
  const BadPolicy on_bad = parse_bad_policy(values.on_bad);
  for (std::size_t i = 0; i < shown; ++i) {
    const CaptionSet::Item& item = *captioned[i * captioned.size() / shown];
    const std::string& caption = results.at(item.image_id);
    ReportPicture picture{.name = item.file_name,
                          .picture = {},
                          .caption = caption,
                          .references = item.captions,
                          .right = is_exact_match(caption, item.captions)};
    try {
      picture.picture = embed_picture(item.path);
    } catch (const Error& error) {
      if (on_bad == BadPolicy::abort) {
        throw;
      }
      terminal.warning(concat("not shown: ", error.what()));
    }
    content.pictures.push_back(std::move(picture));
  }
}

}  // namespace

int run_eval_report(std::span<const std::string> arguments, Terminal& terminal) {
  ReportArguments values;
  if (!parse(arguments, values)) {
    return kSuccess;
  }
  check_arguments(values);
  DataOutput output(values.output);
  const CaptionSet set = read_caption_file(values.references, values.images, values.split);
  const ResultCaptions results = read_results(values.results);
  ReportContent content;
  content.title = values.title;
  if (!values.run.empty()) {
    add_run(values.run, content);
  }
  add_scores(references_of(set), results, content);
  add_pictures(set, results, values, terminal, content);
  write_report(content, [&](std::string_view text) { output.write(text); });
  output.finish();
  terminal.line("report: " + values.output.string());
  return kSuccess;
}

}  // namespace lrcn
