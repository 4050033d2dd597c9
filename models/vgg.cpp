#include "models/vgg.h"

#include <vector>

#include "core/error.h"
#include "layers/activation.h"
#include "layers/convolution.h"
#include "layers/dropout.h"
#include "layers/linear.h"
#include "layers/pooling.h"

namespace lrcn {
namespace {

// Numbers the layers as torch.nn.Sequential does: every convolution, ReLU and pooling counts.
class FeatureStack {
 public:
  FeatureStack(Graph& graph, std::string path, Value x)
      : graph_(graph), path_(std::move(path)), x_(x) {}

  void add_convolution(std::int64_t channels) {
    add(Convolution({.out_channels = channels, .window = Window::square(3, 1, 1)}));
    add(Relu());
  }
  void add_pooling() { add(Pooling({.window = Window::square(2, 2)})); }
  Value output() const { return x_; }

 private:
  template <class L>
  void add(L layer) {
    x_ = graph_.add(concat(path_, '.', next_++), std::move(layer), {x_});
  }

  Graph& graph_;
  std::string path_;
  Value x_;
  int next_ = 0;
};

// Convolutions in each of the five stages (table 1 of the paper: A, B, D, E).
std::vector<int> stages_of(int depth) {
  switch (depth) {
    case 11:
      return {1, 1, 2, 2, 2};
    case 13:
      return {2, 2, 2, 2, 2};
    case 16:
      return {2, 2, 3, 3, 3};
    case 19:
      return {2, 2, 4, 4, 4};
    default:
      fail<ArgumentError>("vgg: depth must be 11, 13, 16 or 19, got ", depth);
  }
}

}  // namespace

Value add_vgg(Graph& graph, const std::string& path, Value images, const VggOptions& options) {
  constexpr std::int64_t kChannels[] = {64, 128, 256, 512, 512};
  FeatureStack features(graph, path + ".features", images);
  const std::vector<int> stages = stages_of(options.depth);
  for (std::size_t stage = 0; stage < stages.size(); ++stage) {
    for (int i = 0; i < stages[stage]; ++i) {
      features.add_convolution(kChannels[stage]);
    }
    features.add_pooling();
  }
  const auto at = [&](int index) { return concat(path, ".classifier.", index); };
  Value x = graph.add(at(0), Linear({.out_features = 4096}), {features.output()});
  x = graph.add(at(1), Relu(), {x});
  if (options.feature == FeatureLayer::fc6) {
    return x;
  }
  x = graph.add(at(2), Dropout(options.dropout), {x});
  x = graph.add(at(3), Linear({.out_features = 4096}), {x});
  x = graph.add(at(4), Relu(), {x});
  if (options.feature == FeatureLayer::fc7) {
    return x;
  }
  x = graph.add(at(5), Dropout(options.dropout), {x});
  return graph.add(at(6), Linear({.out_features = 1000}), {x});
}

Value add_vgg_mini(Graph& graph, const std::string& path, Value images,
                   const VggMiniOptions& options) {
  FeatureStack features(graph, path + ".features", images);
  for (int stage = 0; stage < 4; ++stage) {
    features.add_convolution(options.width << stage);
    features.add_convolution(options.width << stage);
    features.add_pooling();
  }
  Value x = graph.add(path + ".classifier.0", Linear({.out_features = options.hidden}),
                      {features.output()});
  x = graph.add(path + ".classifier.1", Relu(), {x});
  return graph.add(path + ".classifier.2", Linear({.out_features = options.features}), {x});
}

}  // namespace lrcn
