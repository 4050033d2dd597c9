// The captioner learns 23 real photographs by heart, from the files as they are. An overfitting
// check of the whole path: reading, preparing, training, saving, loading, decoding.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/test_data.h"
#include "tests/tools/data/temporary_file.h"
#include "tools/cli/caption_settings.h"
#include "tools/data/karpathy.h"
#include "tools/data/tokenize.h"
#include "tools/train/caption_run.h"
#include "tools/train/weights.h"

namespace lrcn {
namespace {

// The newest model of a run, as somebody else would load it.
std::vector<CaptionedPicture> caption_with(const std::filesystem::path& model,
                                           const CaptionSet& pictures) {
  const CaptionerFolder captioner = read_captioner_folder(model);
  Context context(Device::cpu());
  ParamStore params(Device::cpu(), 0, ParamStore::FirstValues::zero);
  CaptionDecoder decoder(context, params, captioner.config, 8, captioner.search);
  load_weights(params, model / "model.safetensors");
  const CaptionData data(pictures, captioner.vocabulary, {});
  return *caption_pictures(context, decoder, data, data.pictures().size(), captioner,
                           [] { return false; });
}

TEST(Photos, AreLearntByHeart) {
  const auto folder = test::test_data("photos");
  LRCN_SKIP_WITHOUT(folder);
#if LRCN_SANITIZED
  GTEST_SKIP() << "takes minutes under sanitizers; the parts have tests of their own";
#endif
  Settings settings =
      Settings::load(std::filesystem::path(LRCN_SOURCE_DIR) / "tools/configs/photos.toml");
  settings.override_with("data.train.captions=" + (folder / "dataset_karpathy.json").string());
  settings.override_with("data.train.images=" + folder.parent_path().string());
  CaptionRunConfig config = caption_run_config(settings);
  config.trainer.run = test::fresh_folder() / "run";

  Context context(Device::cpu());
  ProgressSink quiet;
  CaptionRun run(context, config, quiet, false);
  ASSERT_EQ(run.run([] { return false; }), Outcome::finished);

  const CaptionSet all = read_karpathy(config.training.captions, config.training.images);
  const CaptionSet training = select_split(all, "train");
  ASSERT_EQ(training.items.size(), 23u);
  const Vocabulary vocabulary = read_captioner_folder(config.trainer.run / "last").vocabulary;
  for (const CaptionedPicture& captioned : caption_with(config.trainer.run / "last", training)) {
    const auto words = vocabulary.decode(captioned.caption.words);
    const CaptionSet::Item& item = training.items[captioned.picture];
    EXPECT_TRUE(
        std::any_of(item.captions.begin(), item.captions.end(),
                    [&](const std::string& text) { return tokenize_caption(text) == words; }))
        << item.file_name << ": " << captioned.text;
  }
  std::size_t others = 0;
  for (const char* split : {"val", "test"}) {
    for (const CaptionedPicture& captioned :
         caption_with(config.trainer.run / "last", select_split(all, split))) {
      EXPECT_FALSE(captioned.text.empty());
      EXPECT_LT(captioned.caption.log_probability, 0.0);
      ++others;
    }
  }
  EXPECT_EQ(others, 6u);
}

}  // namespace
}  // namespace lrcn
