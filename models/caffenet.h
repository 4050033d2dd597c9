// CaffeNet and AlexNet encoders.
#pragma once

#include <string>

#include "models/vgg.h"

namespace lrcn {

struct CaffenetOptions {
  FeatureLayer feature = FeatureLayer::fc8;
  float dropout = 0.5f;  // behind fc6 and fc7 while training
};

// Caffe's reference model (Krizhevsky et al. 2012 with pooling before normalisation), layers named
// as there: conv1 ... fc8. images: f32 [N, 3, 227, 227]. Returns [N, 4096] after the ReLU for fc6
// and fc7, [N, 1000] for fc8.
Value add_caffenet(Graph& graph, const std::string& path, Value images,
                   const CaffenetOptions& options);

// torchvision's AlexNet (Krizhevsky: "One weird trick for parallelizing convolutional neural
// networks", 2014) with its parameter names: features.{0,3,6,8,10}, classifier.{1,4,6}. images: f32
// [N, 3, 224, 224]; the same outputs.
Value add_alexnet(Graph& graph, const std::string& path, Value images,
                  const CaffenetOptions& options);

}  // namespace lrcn
