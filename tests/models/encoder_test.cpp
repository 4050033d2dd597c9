#include "models/encoder.h"

#include <gtest/gtest.h>

#include <set>

#include "core/error.h"
#include "layers/graph/program.h"

namespace lrcn {
namespace {

struct Encoder {
  std::set<std::string> names;
  std::int64_t parameters = 0;
  Shape feature;
};

// Compiles the encoder for one picture, with parameters that are declared but not drawn.
Encoder compile(const EncoderConfig& config) {
  Context context(Device::cpu());
  ParamStore params(Device::cpu(), 0, ParamStore::FirstValues::zero);
  Graph graph;
  const Value images = graph.input("images", {{1, 3, config.image_size, config.image_size}});
  const Value feature = add_encoder(graph, "encoder", images, config);
  CompileOptions options;
  options.outputs = {feature};
  const Program program = Program::compile(context, graph, params, options);
  Encoder encoder;
  for (const ParamStore::Entry& entry : params.entries()) {
    encoder.names.insert(entry.name);
    encoder.parameters += entry.shape.elements();
  }
  encoder.feature = program.value(feature).shape();
  return encoder;
}

std::set<std::string> names(const std::string& part, const std::vector<int>& numbers) {
  std::set<std::string> result;
  for (const int number : numbers) {
    result.insert(concat("encoder.", part, '.', number, ".weight"));
    result.insert(concat("encoder.", part, '.', number, ".bias"));
  }
  return result;
}

TEST(Vgg16, HasTheParametersOfTorchvision) {
  EncoderConfig config;
  config.architecture = "vgg16";
  const Encoder encoder = compile(config);
  EXPECT_EQ(encoder.parameters, 138'357'544);
  EXPECT_EQ(encoder.feature, (Shape{1, 1000}));
  std::set<std::string> expected =
      names("features", {0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28});
  expected.merge(names("classifier", {0, 3, 6}));
  EXPECT_EQ(encoder.names, expected);
}

TEST(Vgg, OfOtherDepthsHasAsManyParametersAsPublished) {
  EncoderConfig config;
  config.feature = "fc7";
  config.architecture = "vgg11";
  EXPECT_EQ(compile(config).parameters, 132'863'336 - 4'097'000);  // without fc8
  config.architecture = "vgg19";
  config.feature = "fc6";
  const Encoder encoder = compile(config);
  EXPECT_EQ(encoder.parameters, 143'667'240 - 4'097'000 - 16'781'312);  // without fc7 and fc8
  EXPECT_EQ(encoder.feature, (Shape{1, 4096}));
}

TEST(Alexnet, HasTheParametersOfTorchvision) {
  EncoderConfig config;
  config.architecture = "alexnet";
  const Encoder encoder = compile(config);
  EXPECT_EQ(encoder.parameters, 61'100'840);
  std::set<std::string> expected = names("features", {0, 3, 6, 8, 10});
  expected.merge(names("classifier", {1, 4, 6}));
  EXPECT_EQ(encoder.names, expected);
}

TEST(Caffenet, HasTheParametersOfCaffesReferenceModel) {
  EncoderConfig config;
  config.architecture = "caffenet";
  config.image_size = 227;
  const Encoder encoder = compile(config);
  EXPECT_EQ(encoder.parameters, 60'965'224);
  EXPECT_TRUE(encoder.names.contains("encoder.conv1.weight"));
  EXPECT_TRUE(encoder.names.contains("encoder.fc8.bias"));
}

TEST(Encoder, RefusesUnknownNames) {
  EncoderConfig config;
  config.architecture = "vgg17";
  EXPECT_THROW(compile(config), ArgumentError);
  config.architecture = "vgg16";
  config.feature = "fc9";
  EXPECT_THROW(compile(config), ArgumentError);
}

}  // namespace
}  // namespace lrcn
