// VGG encoders.
//
// Simonyan and Zisserman: "Very deep convolutional networks for large-scale image recognition",
// ICLR 2015. Parameters are named as torchvision names them ("features.0.weight" ...
// "classifier.6.bias"), so its weights load under the encoder's path.
#pragma once

#include <string>

#include "layers/graph/graph.h"

namespace lrcn {

// Which layer's output is the image feature.
enum class FeatureLayer { fc6, fc7, fc8 };

struct VggOptions {
  int depth = 16;  // 11, 13, 16 or 19
  FeatureLayer feature = FeatureLayer::fc8;
  float dropout = 0.5f;  // behind fc6 and fc7 while training
};

// images: f32 [N, 3, H, W] with H, W >= 32 (224 for published weights).
// Returns [N, 4096] after the ReLU for fc6 and fc7, [N, 1000] without ReLU for fc8.
// Throws ArgumentError for another depth.
Value add_vgg(Graph& graph, const std::string& path, Value images, const VggOptions& options);

struct VggMiniOptions {
  std::int64_t width = 32;      // channels of the first stage; each stage doubles them
  std::int64_t hidden = 1024;   // fc6
  std::int64_t features = 512;  // fc7, the image feature
};

// A VGG for 64x64 pictures: four stages of two 3x3 convolutions and a 2x2 maximum, then two fully
// connected layers. Returns [N, features], no ReLU on top.
Value add_vgg_mini(Graph& graph, const std::string& path, Value images,
                   const VggMiniOptions& options);

}  // namespace lrcn
