// What `lrcn data verify` prints.
#pragma once

#include <string>
#include <vector>

#include "tools/cli/data_verify_source.h"

namespace lrcn {

struct VerifySummary {
  struct Part {
    std::string name;
    CaptionFindings captions;
  };

  PictureFindings pictures;
  std::vector<Part> parts;
  std::vector<std::vector<std::string>> identical;
  // Identical pictures in different parts: what is tested was seen in training.
  std::vector<std::vector<std::string>> shared;

  // Reasons why the set is not in order, pictures first.
  std::vector<std::string> bad() const;
};

VerifySummary summarise(const VerifySource& source, PictureFindings pictures);

// For people, and as a JSON object.
std::string text_of(const VerifySummary& summary);
std::string json_of(const VerifySummary& summary);

}  // namespace lrcn
