// The captioner that the benchmarks of whole models use.
#pragma once

#include "models/captioner.h"

namespace lrcn {

// 64x64 pictures, VGG-style encoder of width 32, two-layer factored LSTM of 512, 10,000 words.
inline CaptionerConfig bench_captioner() {
  CaptionerConfig config;
  config.encoder.architecture = "vgg_mini";
  config.encoder.image_size = 64;
  config.variant = "2f";
  config.vocabulary = 10'000;
  config.embedding = 512;
  config.hidden = 512;
  return config;
}

}  // namespace lrcn
