#include "tools/train/model_folder.h"

#include "core/error.h"
#include "core/io/file.h"
#include "tools/data/preprocess_config.h"

namespace lrcn {
namespace {

namespace fs = std::filesystem;

constexpr const char* kConfig = "config.json";
constexpr const char* kPreprocessor = "preprocessor_config.json";
constexpr const char* kGeneration = "generation_config.json";
constexpr const char* kVocabulary = "vocab.txt";

Json read_json(const fs::path& path) { return Json::parse(read_file(path), {}, path.string()); }

void write_json(const fs::path& path, const Json& json, const FileSystem& files) {
  write_file_atomically(path, json.dump(2) + "\n", files);
}

void check_together(const fs::path& folder, const CaptionerFolder& captioner) {
  check<DataError>(captioner.vocabulary.size() == captioner.config.vocabulary,
                   (folder / kVocabulary).string(), ": has ", captioner.vocabulary.size(),
                   " words, but config.json says vocab_size ", captioner.config.vocabulary);
  const std::int64_t size = captioner.config.encoder.image_size;
  const Preprocessing& preprocessing = captioner.preprocessing;
  check<DataError>(preprocessing.crop_width == size && preprocessing.crop_height == size,
                   (folder / kPreprocessor).string(), ": gives pictures of ",
                   preprocessing.crop_width, "x", preprocessing.crop_height,
                   ", but config.json says image_size ", size);
}

}  // namespace

Json to_json(const SearchOptions& search) {
  return Json::object(
      {{"max_length", search.max_words},
       {"num_beams", search.method == SearchOptions::Method::beam ? search.beam_width : 1},
       {"do_sample", search.method == SearchOptions::Method::sample},
       {"temperature", double(search.temperature)},
       {"num_return_sequences", search.samples},
       {"bos_token_id", kEndOfSentence},
       {"eos_token_id", kEndOfSentence}});
}

SearchOptions search_options_from(const Json& json) {
  SearchOptions search;
  search.max_words = int(json.at("max_length").as_int(1, SearchOptions::kMostWords));
  search.beam_width = int(json.at("num_beams").as_int(1, SearchOptions::kMostHypotheses));
  search.samples = int(json.at("num_return_sequences").as_int(1, SearchOptions::kMostHypotheses));
  search.temperature = float(json.at("temperature").as_double(1e-6, 1e6));
  search.method =
      json.at("do_sample").as_bool()
          ? SearchOptions::Method::sample
          : (search.beam_width > 1 ? SearchOptions::Method::beam : SearchOptions::Method::greedy);
  return search;
}

CaptionerFolder read_captioner_folder(const fs::path& folder) {
  check<NotFoundError>(fs::is_directory(folder), "model: ", folder.string(),
                       " is not a folder; expected a model directory with ", kConfig, ", ",
                       kPreprocessor, ", ", kGeneration, ", ", kVocabulary,
                       " and model.safetensors");
  CaptionerFolder captioner{CaptionerConfig::from_json(read_json(folder / kConfig)),
                            preprocessing_from(read_json(folder / kPreprocessor)),
                            search_options_from(read_json(folder / kGeneration)),
                            Vocabulary::load(folder / kVocabulary)};
  check_together(folder, captioner);
  return captioner;
}

void write_captioner_folder(const fs::path& folder, const CaptionerFolder& captioner,
                            const FileSystem& files) {
  write_json(folder / kConfig, captioner.config.to_json(), files);
  write_json(folder / kPreprocessor, to_json(captioner.preprocessing), files);
  write_json(folder / kGeneration, to_json(captioner.search), files);
  captioner.vocabulary.save(folder / kVocabulary, files);
}

}  // namespace lrcn
