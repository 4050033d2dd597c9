#include "tools/cli/caption_model.h"

#include <algorithm>
#include <limits>

#include "core/error.h"
#include "kernels/algorithm_choices.h"
#include "tools/cli/caption_clock.h"
#include "tools/cli/usage_error.h"
#include "tools/train/weights.h"

namespace lrcn {
namespace {

namespace fs = std::filesystem;

void check_given(const char* flag, std::optional<std::int64_t> value, std::int64_t low,
                 std::int64_t high) {
  if (value) {
    check_range(flag, *value, low, high);
  }
}

}  // namespace

SearchOptions search_options(const SearchArguments& arguments, const SearchOptions& standard) {
  using Method = SearchOptions::Method;
  check_given("--beam", arguments.beam, 1, SearchOptions::kMostHypotheses);
  check_given("--samples", arguments.samples, 1, SearchOptions::kMostHypotheses);
  check_given("--seed", arguments.seed, 0, std::numeric_limits<std::int64_t>::max());
  check_given("--max-words", arguments.max_words, 1, SearchOptions::kMostWords);
  const bool sample = arguments.sample || arguments.samples;
  check<UsageError>(!(sample && arguments.beam), "--beam and ",
                    arguments.sample ? "--sample" : "--samples", " exclude one another");

  SearchOptions search = standard;
  if (sample) {
    search.method = Method::sample;
  } else if (arguments.beam) {
    search.method = *arguments.beam > 1 ? Method::beam : Method::greedy;
    search.beam_width = int(*arguments.beam);
  }
  for (const auto& [name, given] : {std::pair("--temperature", arguments.temperature.has_value()),
                                    std::pair("--seed", arguments.seed.has_value())}) {
    check<UsageError>(!given || search.method == Method::sample, name,
                      " has no effect without --sample");
  }
  search.samples = int(arguments.samples.value_or(search.samples));
  search.max_words = int(arguments.max_words.value_or(search.max_words));
  search.seed = std::uint64_t(arguments.seed.value_or(std::int64_t(search.seed)));
  if (const auto temperature = arguments.temperature) {
    check<UsageError>(*temperature >= 1e-6 && *temperature <= 1e6,
                      "--temperature: expected 1e-6 to 1e6, got ", *temperature);
    search.temperature = float(*temperature);
  }
  return search;
}

CaptionerFolder read_model(const fs::path& folder) {
  std::error_code ignored;
  if (fs::is_directory(folder, ignored) && !fs::exists(folder / "config.json", ignored)) {
    for (const char* checkpoint : {"best", "last"}) {
      check<NotFoundError>(!fs::exists(folder / checkpoint / "config.json", ignored),
                           "model: ", folder.string(),
                           " is the folder of a run; its models are checkpoints, ", "for example ",
                           (folder / checkpoint).string());
    }
  }
  return read_captioner_folder(folder);
}

CaptionModel::CaptionModel(Context context, const fs::path& folder, CaptionerFolder captioner,
                           const SearchOptions& search, std::int64_t batch)
    : context_(std::move(context)),
      captioner_(std::move(captioner)),
      params_(context_.device(), 0, ParamStore::FirstValues::zero) {
  context_.handle<AlgorithmChoices>().set_measures(false);
  const StopWatch compiling;
  decoder_.emplace(context_, params_, captioner_.config, batch, search);
  compile_seconds_ = compiling.seconds();
  const StopWatch loading;
  load_weights(params_, folder / "model.safetensors");
  load_seconds_ = loading.seconds();
  upload_.emplace(context_, captioner_.preprocessing, batch);
}

void CaptionModel::send(std::span<const PreparedPicture> pictures) {
  check(std::int64_t(pictures.size()) <= batch(), "caption: ", pictures.size(),
        " pictures do not fit into a batch of ", batch());
  const PictureUpload::Room room = upload_->next();
  for (std::size_t n = 0; n < pictures.size(); ++n) {
    room.put(n, pictures[n].pixels);
  }
  upload_->send();
}

void CaptionModel::encode() {
  upload_->arrive(context_, decoder_->images());
  decoder_->encode(context_);
}

std::vector<std::vector<CaptionText>> CaptionModel::captions(std::size_t count,
                                                             std::uint64_t first) {
  const auto decoded = decoder_->search_encoded(context_, std::int64_t(count), first);
  std::vector<std::vector<CaptionText>> captions;
  for (const std::vector<Caption>& each : decoded) {
    std::vector<CaptionText> texts;
    for (const Caption& caption : each) {
      texts.push_back({captioner_.vocabulary.sentence(caption.words), caption.log_probability});
    }
    captions.push_back(std::move(texts));
  }
  return captions;
}

}  // namespace lrcn
