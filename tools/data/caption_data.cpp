#include "tools/data/caption_data.h"

#include <algorithm>

#include "core/error.h"
#include "core/rng.h"
#include "models/captioner.h"
#include "tools/data/tokenize.h"

namespace lrcn {
namespace {

std::vector<std::filesystem::path> paths_of(const CaptionSet& set) {
  std::vector<std::filesystem::path> paths;
  for (const CaptionSet::Item& item : set.items) {
    paths.push_back(item.path);
  }
  return paths;
}

}  // namespace

Vocabulary build_vocabulary(const CaptionSet& set, std::int64_t min_count) {
  WordCounts counts;
  for (const CaptionSet::Item& item : set.items) {
    for (const std::string& caption : item.captions) {
      count_words(counts, tokenize_caption(caption));
    }
  }
  Vocabulary vocabulary = Vocabulary::build(counts, min_count);
  check<DataError>(vocabulary.size() > 2, "vocabulary: none of ", counts.size(),
                   " distinct words occurs ", min_count, " times or more");
  return vocabulary;
}

CaptionData::CaptionData(CaptionSet set, const Vocabulary& vocabulary,
                         const CaptionDataOptions& options)
    : set_(std::move(set)), pictures_(paths_of(set_), options.pictures) {
  check(options.max_words >= 1, "captions: max_words must be at least 1, got ", options.max_words);
  for (std::size_t picture = 0; picture < set_.items.size(); ++picture) {
    for (const std::string& caption : set_.items[picture].captions) {
      CaptionExample example{picture, vocabulary.encode(tokenize_caption(caption)), false};
      if (std::int64_t(example.words.size()) > options.max_words) {
        example.words.resize(std::size_t(options.max_words));
        example.cut = true;
      }
      examples_.push_back(std::move(example));
    }
  }
}

std::vector<std::int64_t> CaptionData::lengths() const {
  std::vector<std::int64_t> lengths;
  for (const CaptionExample& example : examples_) {
    lengths.push_back(std::int64_t(example.words.size()) + (example.cut ? 0 : 1));
  }
  return lengths;
}

CaptionBatcher::CaptionBatcher(const CaptionData& data, const Options& options)
    : data_(data), options_(options) {
  check_preprocessing(options.preprocessing);
}

void CaptionBatcher::fill(std::span<const std::int64_t> examples, std::int64_t steps,
                          std::int64_t epoch, CaptionBatch& batch) const {
  const std::size_t n = examples.size();
  const std::size_t bytes = std::size_t(3) * std::size_t(options_.preprocessing.crop_height) *
                            std::size_t(options_.preprocessing.crop_width);
  const std::size_t all_steps = std::size_t(options_.lead_steps + steps);
  batch.steps = steps;
  batch.counted = 0;
  batch.examples.assign(examples.begin(), examples.end());
  batch.pictures.assign(n * bytes, 0);
  batch.places.assign(n, {.kind = PicturePlace::kAbsent});
  batch.input_ids.assign(std::size_t(steps) * n, kEndOfSentence);
  batch.targets.assign(all_steps * n, kIgnoredTarget);
  batch.cont.assign(all_steps * n, 0.0f);
  for (std::size_t column = 0; column < n; ++column) {
    const std::int64_t example = examples[column];
    if (example < 0) {
      continue;
    }
    if (const std::optional<Image> crop = crop_of(example, epoch)) {
      std::copy_n(crop->pixels.begin(), bytes,
                  batch.pictures.begin() + std::ptrdiff_t(column * bytes));
      batch.places[column].kind =
          is_mirrored(example, epoch) ? PicturePlace::kMirrored : PicturePlace::kUpright;
      fill_words(column, data_.examples().at(std::size_t(example)), batch);
    }
  }
}

void CaptionBatcher::fill_words(std::size_t column, const CaptionExample& example,
                                CaptionBatch& batch) const {
  const std::size_t n = batch.examples.size();
  const std::size_t lead = std::size_t(options_.lead_steps);
  const std::size_t length = example.words.size() + (example.cut ? 0 : 1);
  check(std::int64_t(length) <= batch.steps, "captions: example of ", length,
        " steps in a batch of ", batch.steps);
  for (std::size_t step = 0; step < length; ++step) {
    const bool end = step == example.words.size();
    batch.targets[(lead + step) * n + column] = end ? kEndOfSentence : example.words[step];
    if (step > 0) {
      batch.input_ids[step * n + column] = example.words[step - 1];
    }
    batch.cont[(lead + step) * n + column] = lead + step > 0 ? 1.0f : 0.0f;
  }
  batch.counted += std::int64_t(length);
}

std::optional<Image> CaptionBatcher::crop_of(std::int64_t example, std::int64_t epoch) const {
  const auto image = data_.pictures().read(data_.examples().at(std::size_t(example)).picture);
  if (image == nullptr) {
    return std::nullopt;
  }
  if (!options_.random_crop) {
    if (!options_.random_mirror) {
      return resize_and_crop(*image, options_.preprocessing);
    }
    return resize_and_crop(*image, options_.preprocessing, {.across = 0.5, .down = 0.5});
  }
  const Random crop(options_.seed, Purpose::crop);
  const PhiloxBlock place = crop.block(std::uint64_t(epoch), std::uint64_t(example));
  return resize_and_crop(*image, options_.preprocessing,
                         {.across = double(Random::to_unit(place.word[0])),
                          .down = double(Random::to_unit(place.word[1]))});
}

bool CaptionBatcher::is_mirrored(std::int64_t example, std::int64_t epoch) const {
  const Random mirror(options_.seed, Purpose::mirror);
  return options_.random_mirror &&
         mirror.uniform(std::uint64_t(epoch), std::uint64_t(example)) < 0.5f;
}

}  // namespace lrcn
