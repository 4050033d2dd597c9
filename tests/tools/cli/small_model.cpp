#include "tests/tools/cli/small_model.h"

#include <gtest/gtest.h>

#include "core/io/file.h"
#include "models/decode/caption_decoder.h"
#include "tools/data/png_encode.h"
#include "tools/data/shapes.h"
#include "tools/train/weights.h"

namespace lrcn::test {
namespace {

constexpr std::int64_t kSide = 32;

Vocabulary small_vocabulary() {
  WordCounts counts;
  for (const char* word :
       {"a", "red", "blue", "green", "circle", "square", "cross", "above", "below", "and"}) {
    counts[word] = 1;
  }
  return Vocabulary::build(counts, 1);
}

}  // namespace

CaptionerFolder small_captioner() {
  CaptionerFolder captioner{.config = {},
                            .preprocessing = exact_preprocessing(kSide, kSide),
                            .search = {},
                            .vocabulary = small_vocabulary()};
  CaptionerConfig& config = captioner.config;
  config.encoder.architecture = "vgg_mini";
  config.encoder.image_size = kSide;
  config.encoder.mini = {.width = 4, .hidden = 16, .features = 8};
  config.vocabulary = captioner.vocabulary.size();
  config.embedding = 8;
  config.hidden = 16;
  captioner.search.max_words = 6;
  return captioner;
}

void write_small_model(const std::filesystem::path& folder, std::uint64_t seed) {
  std::filesystem::create_directories(folder);
  const CaptionerFolder captioner = small_captioner();
  write_captioner_folder(folder, captioner);
  Context context(Device::cpu());
  ParamStore params(Device::cpu(), seed);
  const CaptionDecoder decoder(context, params, captioner.config, 1, captioner.search);
  // Drawn weights are so small that every picture would get the same caption.
  for (std::size_t i = 0; i < params.entries().size(); ++i) {
    if (params.entries()[i].name.starts_with("decoder.")) {
      std::vector<float> values = params.get_value(int(i));
      for (float& value : values) {
        value *= 20.0f;
      }
      params.set_value(int(i), values);
    }
  }
  save_weights(params, folder / "model.safetensors");
}

void write_small_picture(const std::filesystem::path& path, std::uint64_t index) {
  constexpr std::uint64_t kSeed = 5;
  write_file_atomically(path, encode_png(render(draw_scene(kSeed, index), kSeed, index)));
}

void replace_in_file(const std::filesystem::path& path, const std::string& from,
                     const std::string& to) {
  std::string content = read_file(path);
  const std::size_t at = content.find(from);
  ASSERT_NE(at, std::string::npos) << path << " has no " << from;
  ASSERT_EQ(content.find(from, at + 1), std::string::npos) << path << " has several " << from;
  write_file_atomically(path, content.replace(at, from.size(), to));
}

}  // namespace lrcn::test
