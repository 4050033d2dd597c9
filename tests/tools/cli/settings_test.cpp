#include "tools/cli/settings.h"

#include <gtest/gtest.h>

#include "tools/cli/caption_settings.h"
#include "tools/cli/usage_error.h"

namespace lrcn {
namespace {

template <class F>
std::string refusal(F&& use) {
  try {
    use();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Settings, GiveValuesDefaultsAndWhatWasAskedFor) {
  Settings settings = Settings::parse("top = 'x'\n[train]\nsteps = 5\nrate = 1\n", "a.toml");
  settings.override_with("train.steps=7");
  settings.override_with("train.name=plain text");
  EXPECT_EQ(settings.text("top", ""), "x");
  EXPECT_EQ(settings.integer("train.steps", 1), 7);
  EXPECT_EQ(settings.real("train.rate", 0.0, 0.0, 10.0), 1.0);
  EXPECT_EQ(settings.text("train.name", ""), "plain text");
  EXPECT_EQ(settings.boolean("train.flag", true), true);
  EXPECT_EQ(settings.integers("train.list", {3, 4}), (std::vector<std::int64_t>{3, 4}));
  settings.expect_all_used();
  EXPECT_EQ(settings.resolved(),
            "top = \"x\"\n\n[train]\nflag = true\nlist = [3, 4]\nname = \"plain text\"\n"
            "rate = 1.0\nsteps = 7\n");
}

TEST(Settings, ReadTheirOwnResolvedTextBack) {
  Settings settings = Settings::parse("a = 0.1\nb = \"q\\\"uote \\\\ \"\n[t.u]\nc = 1e-8\n", "a");
  const auto ask = [](Settings& from) {
    from.real("a", 0, 0, 1);
    from.text("b", "");
    from.real("t.u.c", 0, 0, 1);
    from.texts("t.u.list", {"x", "y"});
  };
  ask(settings);
  Settings again = Settings::parse(settings.resolved(), "b");
  ask(again);
  EXPECT_EQ(again.resolved(), settings.resolved());
}

TEST(Settings, WriteControlCharactersSoThatTheyAreReadBack) {
  const std::string odd = "a\nb\tc\x7f\x1b\"";
  Settings settings = Settings::parse("", "a");
  EXPECT_EQ(settings.text("t", odd), odd);
  Settings again = Settings::parse(settings.resolved(), "resolved");
  EXPECT_EQ(again.text("t", ""), odd);
}

TEST(Settings, NameTheNearestKeyForOneThatDoesNotExist) {
  Settings settings = Settings::parse("[train]\nstpes = 5\n", "run.toml");
  settings.integer("train.steps", 1);
  const std::string message = refusal([&] { settings.expect_all_used(); });
  EXPECT_NE(message.find("run.toml"), std::string::npos) << message;
  EXPECT_NE(message.find("train.stpes"), std::string::npos) << message;
  EXPECT_NE(message.find("did you mean train.steps?"), std::string::npos) << message;
}

TEST(Settings, RefuseWrongTypesRangesAndChoices) {
  Settings settings = Settings::parse("n = 'five'\nx = 99\nkind = 'adm'\n", "run.toml");
  EXPECT_NE(refusal([&] { settings.integer("n", 1); }).find("n: expected an integer, got \"five\""),
            std::string::npos);
  EXPECT_NE(refusal([&] { settings.integer("x", 1, 0, 10); }).find("from 0 to 10, got 99"),
            std::string::npos);
  EXPECT_NE(refusal([&] {
              settings.choice("kind", "sgd", {"sgd", "adam"});
            }).find("did you mean adam?"),
            std::string::npos);
  EXPECT_NE(refusal([&] { settings.override_with("no-equals"); }).find("key=value"),
            std::string::npos);
}

TEST(Settings, NameFileAndLineOfTextThatIsNotToml) {
  const std::string message = refusal([] { Settings::parse("a = 1\nb = = 2\n", "broken.toml"); });
  EXPECT_NE(message.find("broken.toml:2"), std::string::npos) << message;
  EXPECT_NE(refusal([] { Settings::parse("a = [1, 'x']\n", "mixed.toml"); }).find("mixed.toml:1"),
            std::string::npos);
}

TEST(CaptionSettings, KnowEveryKeyOfTheConfigurationsThatAreShipped) {
  for (const char* name : {"shapes.toml", "photos.toml", "coco_vgg16.toml"}) {
    Settings settings =
        Settings::load(std::filesystem::path(LRCN_SOURCE_DIR) / "tools/configs" / name);
    const CaptionRunConfig config = caption_run_config(settings);
    EXPECT_FALSE(config.training.empty()) << name;
    Settings again = Settings::parse(settings.resolved(), "resolved");
    caption_run_config(again);
    EXPECT_EQ(again.resolved(), settings.resolved()) << name;
  }
}

TEST(CaptionSettings, RefuseAMetricThatNoEvaluationWillHave) {
  const auto message = [](const std::string& train) {
    Settings settings =
        Settings::parse("[data.train]\ncaptions = 'x.json'\n[train]\n" + train, "run.toml");
    return refusal([&] { caption_run_config(settings); });
  };
  EXPECT_EQ(message("best_metric = 'cider'\n"), "accepted");
  EXPECT_EQ(message("best_metric = 'accuracy'\nevaluate_pictures = 0\n"), "accepted");
  EXPECT_NE(message("best_metric = 'cidre'\n").find("did you mean cider?"), std::string::npos);
  EXPECT_NE(message("best_metric = 'cider'\nevaluate_pictures = 0\n").find("evaluate_pictures"),
            std::string::npos);
}

TEST(CaptionSettings, RefuseBucketsBeyondTheLongestCaption) {
  Settings settings = Settings::parse(
      "[data]\nmax_words = 10\nlength_buckets = [5, 12]\n[data.train]\ncaptions = 'x.json'\n", "a");
  EXPECT_NE(refusal([&] { caption_run_config(settings); }).find("length_buckets"),
            std::string::npos);
  Settings none = Settings::parse("", "empty.toml");
  EXPECT_NE(refusal([&] { caption_run_config(none); }).find("data.train.captions"),
            std::string::npos);
}

}  // namespace
}  // namespace lrcn
