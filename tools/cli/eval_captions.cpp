#include "tools/cli/eval_captions.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "core/error.h"
#include "core/io/json.h"
#include "tools/cli/data_captions.h"
#include "tools/cli/data_output.h"
#include "tools/cli/data_table.h"
#include "tools/cli/exit_code.h"
#include "tools/cli/options.h"
#include "tools/cli/usage_error.h"
#include "tools/data/tokenize.h"
#include "tools/eval/caption_files.h"

namespace lrcn {
namespace {

using NamedScores = std::vector<std::pair<std::string, double>>;

// No words for a caption that has none: an empty one, or one of blanks.
std::vector<std::string> words_of(const std::string& caption) {
  try {
    return tokenize_caption(caption);
  } catch (const DataError&) {
    return {};
  }
}

NamedScores named(const CaptionScores& scores) {
  NamedScores all;
  for (std::size_t n = 0; n < scores.bleu.size(); ++n) {
    all.emplace_back(concat("Bleu_", n + 1), scores.bleu[n]);
  }
  all.emplace_back("ROUGE_L", scores.rouge_l);
  all.emplace_back("CIDEr", scores.cider);
  return all;
}

std::string json_of(const NamedScores& scores) {
  Json json = Json::object();
  for (const auto& [name, value] : scores) {
    json.set(name, value);
  }
  return json.dump(2) + '\n';
}

std::string table_of(const NamedScores& scores, std::size_t images) {
  DataTable table({DataTable::Align::left, DataTable::Align::right});
  for (const auto& [name, value] : scores) {
    table.add({name, decimal_text(value, 6)});
  }
  table.add({"images", std::to_string(images)});
  return table.text();
}

}  // namespace

bool is_exact_match(const std::string& result, const std::vector<std::string>& references) {
  const std::vector<std::string> words = words_of(result);
  return !words.empty() &&
         std::any_of(references.begin(), references.end(),
                     [&](const std::string& each) { return words_of(each) == words; });
}

double exact_match_rate(const ReferenceCaptions& references, const ResultCaptions& results) {
  check(!results.empty(), "exact match: there are no results");
  const auto matches = std::count_if(results.begin(), results.end(), [&](const auto& result) {
    const auto of_image = references.find(result.first);
    check(of_image != references.end(), "exact match: image ", result.first, " has no references");
    return is_exact_match(result.second, of_image->second);
  });
  return double(matches) / double(results.size());
}

int run_eval_captions(std::span<const std::string> arguments, Terminal&) {
  std::filesystem::path references_path;
  std::filesystem::path results_path;
  std::string split;
  bool only_results = false;
  bool exact = false;
  bool json = false;
  Options options("eval captions --references REFS.json --results RESULTS.json [flags]",
                  "Scores captions as the COCO caption evaluation does: BLEU-1 to BLEU-4, ROUGE-L "
                  "and CIDEr-D.");
  options.value("--references", references_path,
                "Captions that people wrote, in the format of MS COCO or Karpathy");
  options.value("--results", results_path,
                "Captions to score: [{\"image_id\": int, \"caption\": str}]");
  options.value("--split", split, "Part of a Karpathy file: train, val or test");
  options.flag("--only-results", only_results,
               "Score the images that have a result and leave out the others (changes CIDEr)");
  options.flag("--exact", exact,
               "Add exact_match, the part of the captions that are one of their references word by "
               "word");
  options.flag("--json", json, "Print a JSON object");
  if (!options.parse(arguments)) {
    return kSuccess;
  }
  check<UsageError>(!references_path.empty(), "--references is missing");
  check<UsageError>(!results_path.empty(), "--results is missing");

  const ReferenceCaptions references = references_of(read_caption_file(references_path, "", split));
  const ResultCaptions results = read_results(results_path);
  NamedScores scores = named(score_captions(references, results, {.only_results = only_results}));
  if (exact) {
    scores.emplace_back("exact_match", exact_match_rate(references, results));
  }
  print_data(json ? json_of(scores) : table_of(scores, results.size()));
  return kSuccess;
}

}  // namespace lrcn
