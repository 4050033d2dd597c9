// A captioner that is compiled and trained in milliseconds.
#pragma once

#include <string>

#include "models/captioner.h"

namespace lrcn::test {

inline CaptionerConfig small_captioner(const std::string& variant) {
  CaptionerConfig config;
  config.encoder.architecture = "vgg_mini";
  config.encoder.image_size = 32;
  config.encoder.mini = {.width = 4, .hidden = 12, .features = 10};
  config.variant = variant;
  config.vocabulary = 37;
  config.embedding = 9;
  config.hidden = 11;
  return config;
}

}  // namespace lrcn::test
