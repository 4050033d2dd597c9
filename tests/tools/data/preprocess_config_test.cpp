#include "tools/data/preprocess_config.h"

#include <gtest/gtest.h>

#include "core/error.h"

namespace lrcn {
namespace {

TEST(PreprocessConfig, SurvivesJson) {
  for (const Preprocessing& preprocessing :
       {torchvision_preprocessing(), caffe_preprocessing(), exact_preprocessing(64, 64)}) {
    const Json json = to_json(preprocessing);
    EXPECT_EQ(to_json(preprocessing_from(json)).dump(), json.dump());
  }
}

TEST(PreprocessConfig, NamesTheFieldThatIsWrong) {
  const auto refused = [](const char* key, const Json& value) {
    Json json = to_json(torchvision_preprocessing());
    json.set(key, value);
    try {
      preprocessing_from(json);
      ADD_FAILURE() << key << " was accepted";
    } catch (const DataError& error) {
      EXPECT_NE(std::string(error.what()).find(key), std::string::npos) << error.what();
    }
  };
  refused("resample", 3);
  refused("do_normalize", false);
  refused("image_mean", Json::array({0.5, 0.5}));
  refused("rescale_factor", "1/255");
  refused("crop_size", Json::object({{"height", 0}, {"width", 224}}));
  refused("do_flip_channel_order", 1);
  Json json = to_json(torchvision_preprocessing());
  json.set("image_std", Json::array({0.0, 1.0, 1.0}));
  EXPECT_THROW(preprocessing_from(json), DataError);
}

}  // namespace
}  // namespace lrcn
