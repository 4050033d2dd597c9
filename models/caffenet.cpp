#include "models/caffenet.h"

#include "core/error.h"
#include "layers/activation.h"
#include "layers/convolution.h"
#include "layers/dropout.h"
#include "layers/linear.h"
#include "layers/lrn.h"
#include "layers/pooling.h"

namespace lrcn {

Value add_caffenet(Graph& graph, const std::string& path, Value images,
                   const CaffenetOptions& options) {
  Value x = images;
  const auto convolution = [&](int index, const ConvolutionOptions& conv) {
    x = graph.add(concat(path, ".conv", index), Convolution(conv), {x});
    x = graph.add(concat(path, ".relu", index), Relu(), {x});
  };
  const auto pooling = [&](int index) {
    x = graph.add(concat(path, ".pool", index),
                  Pooling({.window = Window::square(3, 2), .rounding = Rounding::up}), {x});
  };
  const auto lrn = [&](int index) {
    x = graph.add(concat(path, ".norm", index), Lrn({.size = 5, .alpha = 1e-4f, .beta = 0.75f}),
                  {x});
  };
  convolution(1, {.out_channels = 96, .window = Window::square(11, 4)});
  pooling(1);
  lrn(1);
  convolution(2, {.out_channels = 256, .window = Window::square(5, 1, 2), .groups = 2});
  pooling(2);
  lrn(2);
  convolution(3, {.out_channels = 384, .window = Window::square(3, 1, 1)});
  convolution(4, {.out_channels = 384, .window = Window::square(3, 1, 1), .groups = 2});
  convolution(5, {.out_channels = 256, .window = Window::square(3, 1, 1), .groups = 2});
  pooling(5);
  for (const int index : {6, 7}) {
    x = graph.add(concat(path, ".fc", index), Linear({.out_features = 4096}), {x});
    x = graph.add(concat(path, ".relu", index), Relu(), {x});
    if (options.feature == (index == 6 ? FeatureLayer::fc6 : FeatureLayer::fc7)) {
      return x;
    }
    x = graph.add(concat(path, ".drop", index), Dropout(options.dropout), {x});
  }
  return graph.add(path + ".fc8", Linear({.out_features = 1000}), {x});
}

Value add_alexnet(Graph& graph, const std::string& path, Value images,
                  const CaffenetOptions& options) {
  Value x = images;
  const auto feature = [&](int index) { return concat(path, ".features.", index); };
  const auto convolution = [&](int index, const ConvolutionOptions& conv) {
    x = graph.add(feature(index), Convolution(conv), {x});
    x = graph.add(feature(index + 1), Relu(), {x});
  };
  const auto pooling = [&](int index) {
    x = graph.add(feature(index), Pooling({.window = Window::square(3, 2)}), {x});
  };
  convolution(0, {.out_channels = 64, .window = Window::square(11, 4, 2)});
  pooling(2);
  convolution(3, {.out_channels = 192, .window = Window::square(5, 1, 2)});
  pooling(5);
  convolution(6, {.out_channels = 384, .window = Window::square(3, 1, 1)});
  convolution(8, {.out_channels = 256, .window = Window::square(3, 1, 1)});
  convolution(10, {.out_channels = 256, .window = Window::square(3, 1, 1)});
  pooling(12);
  const auto at = [&](int index) { return concat(path, ".classifier.", index); };
  for (const int index : {1, 4}) {
    x = graph.add(at(index - 1), Dropout(options.dropout), {x});
    x = graph.add(at(index), Linear({.out_features = 4096}), {x});
    x = graph.add(at(index + 1), Relu(), {x});
    if (options.feature == (index == 1 ? FeatureLayer::fc6 : FeatureLayer::fc7)) {
      return x;
    }
  }
  return graph.add(at(6), Linear({.out_features = 1000}), {x});
}

}  // namespace lrcn
