// Captioned pictures as a network sees them: numbered words, and crops of resized pictures.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/data/caption_set.h"
#include "tools/data/picture_store.h"
#include "tools/data/preprocess.h"
#include "tools/data/vocabulary.h"

namespace lrcn {

// One caption of one picture.
struct CaptionExample {
  std::size_t picture = 0;          // number in CaptionData::pictures
  std::vector<std::int32_t> words;  // at most max_words, without the end of sentence
  bool cut = false;                 // was longer: no end of sentence follows
};

struct CaptionDataOptions {
  std::int64_t max_words = 20;
  PictureStore::Options pictures;
};

class CaptionData {
 public:
  // All captions of a set that has been narrowed down to one split. Throws DataError for a caption
  // without words, ArgumentError for max_words < 1.
  CaptionData(CaptionSet set, const Vocabulary& vocabulary, const CaptionDataOptions& options);

  const CaptionSet& set() const { return set_; }
  const PictureStore& pictures() const { return pictures_; }
  const std::vector<CaptionExample>& examples() const { return examples_; }
  // Steps that each example takes: its words and the end of sentence, at most max_words.
  std::vector<std::int64_t> lengths() const;

 private:
  CaptionSet set_;
  PictureStore pictures_;
  std::vector<CaptionExample> examples_;
};

// The vocabulary of the captions of a set. Throws DataError when no word is frequent enough.
Vocabulary build_vocabulary(const CaptionSet& set, std::int64_t min_count);

// One batch on the host. T steps, N captions, L lead steps (first_word: 1).
struct CaptionBatch {
  std::int64_t steps = 0;               // T
  std::int64_t counted = 0;             // targets that count
  std::vector<std::int64_t> examples;   // [N], -1 for a row that fills up an evaluation batch
  std::vector<std::uint8_t> pictures;   // [N, S, S, 3], for normalize_pictures
  std::vector<PicturePlace> places;     // [N], mirrored or not; absent without a picture
  std::vector<std::int32_t> input_ids;  // [T, N]
  std::vector<std::int32_t> targets;    // [L+T, N]
  std::vector<float> cont;              // [L+T, N]
};

// Turns examples into batches; all of it but the data is fixed at construction.
class CaptionBatcher {
 public:
  struct Options {
    Preprocessing preprocessing;
    std::int64_t lead_steps = 0;
    bool random_crop = false;  // otherwise the centre
    bool random_mirror = false;
    std::uint64_t seed = 0;
  };

  CaptionBatcher(const CaptionData& data, const Options& options);

  // Fills `batch`; crops and mirrors follow from (seed, epoch, example). A picture that cannot be
  // read is absent and its targets do not count (BadPolicy::skip), or the reader's error is thrown.
  void fill(std::span<const std::int64_t> examples, std::int64_t steps, std::int64_t epoch,
            CaptionBatch& batch) const;

 private:
  void fill_words(std::size_t column, const CaptionExample& example, CaptionBatch& batch) const;
  // Nothing for a picture that is left out.
  std::optional<Image> crop_of(std::int64_t example, std::int64_t epoch) const;
  bool is_mirrored(std::int64_t example, std::int64_t epoch) const;

  const CaptionData& data_;
  Options options_;
};

}  // namespace lrcn
