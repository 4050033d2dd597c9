#include "tools/cli/inspect_model.h"

#include <algorithm>
#include <sstream>

#include "core/error.h"
#include "kernels/algorithm_choices.h"
#include "layers/graph/program.h"
#include "models/captioner.h"
#include "tools/cli/caption_model.h"
#include "tools/cli/data_table.h"
#include "tools/cli/inspect_tensors.h"
#include "tools/train/weights.h"

namespace lrcn {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMemoryRows = 20;
constexpr std::int32_t kShownWords = 12;

std::string describe_config(const CaptionerFolder& captioner) {
  const CaptionerConfig& config = captioner.config;
  const EncoderConfig& encoder = config.encoder;
  const Preprocessing& pictures = captioner.preprocessing;
  const SearchOptions& search = captioner.search;
  const bool mini = encoder.architecture == "vgg_mini";
  DataTable table({DataTable::Align::left, DataTable::Align::left});
  table.add({"encoder", mini ? encoder.architecture
                             : concat(encoder.architecture, ", feature ", encoder.feature)});
  table.add({"pictures", concat(pictures.crop_width, 'x', pictures.crop_height,
                                pictures.blue_first ? ", BGR" : ", RGB")});
  table.add({"variant", concat(config.variant, ", ", config.lstm_layers(), " LSTM layers")});
  table.add({"embedding", grouped(config.embedding)});
  table.add({"hidden", grouped(config.hidden)});
  table.add({"dropout", concat(config.dropout)});
  using Method = SearchOptions::Method;
  table.add({"search", concat(search.method == Method::greedy ? "greedy"
                              : search.method == Method::beam
                                  ? concat("beam of ", search.beam_width)
                                  : concat("best of ", search.samples, " samples at temperature ",
                                           search.temperature),
                              ", at most ", search.max_words, " words")});
  std::string words;
  const std::int32_t shown = std::min(kShownWords, captioner.vocabulary.size());
  for (std::int32_t id = 0; id < shown; ++id) {
    words += captioner.vocabulary.word(id) + ' ';
  }
  table.add({"vocabulary", concat(grouped(captioner.vocabulary.size()), " words: ", words,
                                  captioner.vocabulary.size() > shown ? "..." : "")});
  return table.text("  ");
}

// Lines of Program::describe as a table: name, kind, then the rest.
std::string table_of(const std::vector<std::string>& lines) {
  DataTable table({DataTable::Align::left, DataTable::Align::left, DataTable::Align::left});
  for (const std::string& line : lines) {
    const std::size_t kind = line.find("  ");
    const std::size_t rest = line.find("  ", kind + 2);
    table.add({line.substr(0, kind), line.substr(kind + 2, rest - kind - 2),
               rest == std::string::npos ? "" : line.substr(rest + 2)});
  }
  return table.text("  ");
}

class ProgramDescriber {
 public:
  ProgramDescriber(const CaptionerConfig& config, const InspectOptions& options)
      : config_(config),
        options_(options),
        context_(options.device),
        params_(options.device, 0, ParamStore::FirstValues::zero) {
    context_.handle<AlgorithmChoices>().set_measures(false);
  }

  std::string describe(std::int64_t max_words) {
    if (options_.phase == Phase::train) {
      const CaptionerTraining training = build_training(config_, max_words, options_.batch);
      return describe(concat("training on ", options_.batch, " captions of ", max_words, " words"),
                      training.graph, {training.loss, training.tally}, {training.loss});
    }
    const CaptionerEncoding encoding = build_encoding(config_, options_.batch);
    const CaptionerStep step = build_step(config_, options_.batch);
    std::vector<Value> outputs = step.h_out;
    outputs.insert(outputs.end(), step.c_out.begin(), step.c_out.end());
    outputs.push_back(step.logits);
    return describe(concat("encoding ", options_.batch, " pictures"), encoding.graph,
                    {encoding.projection}, {}) +
           '\n' +
           describe(concat("one word of ", options_.batch, " captions"), step.graph, outputs, {});
  }

  ParamStore& params() { return params_; }

 private:
  std::string describe(const std::string& title, const Graph& graph, std::vector<Value> outputs,
                       std::vector<Value> seeds) {
    CompileOptions compile;
    compile.phase = options_.phase;
    compile.outputs = std::move(outputs);
    compile.seeds = std::move(seeds);
    const Program program = Program::compile(context_, graph, params_, compile);
    if (!options_.memory) {
      return title + '\n' + table_of(program.describe());
    }
    std::ostringstream text;
    text << title << '\n';
    print(text, program.memory(), kMemoryRows);
    return text.str();
  }

  const CaptionerConfig& config_;
  const InspectOptions& options_;
  Context context_;
  ParamStore params_;
};

}  // namespace

std::string describe_model(const fs::path& folder, const InspectOptions& options) {
  const CaptionerFolder captioner = read_model(folder);
  const fs::path weights = folder / "model.safetensors";
  const SafetensorsFile file = SafetensorsFile::open(weights);
  ProgramDescriber programs(captioner.config, options);
  const std::string program_text = programs.describe(captioner.search.max_words);
  verify_tensors(weights, named_values(programs.params()));
  return concat("model ", folder.string(), '\n', describe_config(captioner), "\nparameters\n",
                describe_tensors(file.tensors(), options.tensors), '\n', program_text);
}

}  // namespace lrcn
