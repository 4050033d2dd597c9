// Models that `lrcn caption` refuses.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "core/io/file.h"
#include "core/io/safetensors.h"
#include "tests/core/io/temporary_folder.h"
#include "tests/tools/cli/run_lrcn.h"
#include "tests/tools/cli/small_model.h"

namespace lrcn::test {
namespace {

namespace fs = std::filesystem;

class CaptionModelFile : public testing::Test {
 protected:
  void SetUp() override {
    write_small_model(model_);
    write_small_picture(picture_, 0);
  }

  // The program ends with this code, says `part` and prints no caption.
  void expect_refused(int code, const std::string& part) const {
    const RunResult result = run_lrcn({"caption", "--model", model_, picture_});
    EXPECT_EQ(result.code, code) << result.err;
    EXPECT_NE(result.err.find(part), std::string::npos) << result.err;
    EXPECT_EQ(result.out, "");
  }

  TemporaryFolder folder_;
  fs::path model_ = folder_ / "model";
  fs::path picture_ = folder_ / "picture.png";
};

// Writes the weights again, changed by `change`.
template <class Change>
void change_weights(const fs::path& path, const Change& change) {
  std::vector<StoredTensor> tensors;
  std::vector<std::vector<std::byte>> bytes;
  {
    const SafetensorsFile file = SafetensorsFile::open(path);
    for (const StoredTensor& tensor : file.tensors()) {
      bytes.emplace_back(tensor.bytes.begin(), tensor.bytes.end());
      tensors.push_back(tensor);
    }
  }
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    change(tensors[i], bytes[i]);
    tensors[i].bytes = bytes[i];
  }
  write_safetensors(path, tensors);
}

TEST_F(CaptionModelFile, RefusesAnAbsentModel) {
  fs::remove_all(model_);
  expect_refused(66, "model");
}

TEST_F(CaptionModelFile, PointsFromARunToItsCheckpoints) {
  fs::create_directory(folder_ / "run");
  fs::rename(model_, folder_ / "run" / "best");
  model_ = folder_ / "run";
  expect_refused(66, "run/best");
}

TEST_F(CaptionModelFile, NamesTheFileThatAModelLacks) {
  for (const char* name : {"config.json", "preprocessor_config.json", "generation_config.json",
                           "vocab.txt", "model.safetensors"}) {
    const std::string content = read_file(model_ / name);
    fs::remove(model_ / name);
    expect_refused(66, name);
    write_file_atomically(model_ / name, content);
  }
}

TEST_F(CaptionModelFile, RefusesAConfigurationThatIsDamaged) {
  const std::string whole = read_file(model_ / "config.json");
  const auto refused = [&](const std::string& content, const std::string& part) {
    write_file_atomically(model_ / "config.json", content);
    expect_refused(65, "config.json");
    expect_refused(65, part);
  };
  refused(whole.substr(0, whole.size() / 2), "line");
  refused("", "line");
  std::string changed = whole;
  refused(changed.replace(changed.find("\"variant\""), 0, "\"variant\": \"2f\", "), "variant");
  changed = whole;
  refused(changed.replace(changed.find("\"hidden_size\": 16"), 17,
                          "\"hidden_size\": 99999999999999999999999"),
          "hidden_size");
  changed = whole;
  refused(changed.replace(changed.find("\"hidden_size\": 16"), 17, "\"hidden_size\": 0"),
          "hidden_size");
}

TEST_F(CaptionModelFile, RefusesAVocabularyThatDoesNotFit) {
  std::ofstream(model_ / "vocab.txt", std::ios::app) << "triangle\n";
  expect_refused(65, "vocab.txt");
}

TEST_F(CaptionModelFile, RefusesPicturesOfAnotherSize) {
  replace_in_file(model_ / "config.json", "\"image_size\": 32", "\"image_size\": 64");
  expect_refused(65, "preprocessor_config.json");
}

TEST_F(CaptionModelFile, RefusesWeightsOfAnotherShape) {
  replace_in_file(model_ / "config.json", "\"hidden_size\": 16", "\"hidden_size\": 24");
  expect_refused(65, "model.safetensors");
}

TEST_F(CaptionModelFile, RefusesWeightsOfAnotherName) {
  change_weights(model_ / "model.safetensors", [](StoredTensor& tensor, auto&) {
    tensor.name = tensor.name == "decoder.output.bias" ? "decoder.output.bais" : tensor.name;
  });
  expect_refused(65, "decoder.output.bias");
}

TEST_F(CaptionModelFile, RefusesWeightsThatAreNotFinite) {
  change_weights(model_ / "model.safetensors", [](StoredTensor& tensor, auto& bytes) {
    if (tensor.name == "decoder.output.bias") {
      const float nan = std::nanf("");
      std::copy_n(reinterpret_cast<const std::byte*>(&nan), sizeof nan, bytes.begin() + 4);
    }
  });
  expect_refused(65, "decoder.output.bias");
}

TEST_F(CaptionModelFile, RefusesWeightsThatAreCut) {
  const fs::path weights = model_ / "model.safetensors";
  const std::uintmax_t size = fs::file_size(weights);
  for (const std::uintmax_t left : {size - 1, size / 2, std::uintmax_t(4), std::uintmax_t(0)}) {
    fs::resize_file(weights, left);
    expect_refused(65, "model.safetensors");
  }
}

}  // namespace
}  // namespace lrcn::test
