// What `lrcn data verify` is asked to look at.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tools/data/caption_set.h"
#include "tools/data/verify.h"

namespace lrcn {

struct VerifySource {
  struct Part {
    std::string name;  // "train", or the file of captions
    CaptionSet captions;
  };

  std::vector<PictureFile> pictures;  // each once
  std::vector<Part> parts;            // none for a folder of pictures
  std::filesystem::path manifest;     // where it belongs unless the caller says otherwise
};

// `path` is a file of captions, whose pictures lie in `images`; or a folder with files called
// captions_*.json, whose pictures lie in it; or a folder of pictures. Throws NotFoundError,
// DataError for captions that cannot be read, UsageError for `images` with a folder and without it
// for a file.
VerifySource open_verify_source(const std::filesystem::path& path,
                                const std::filesystem::path& images);

}  // namespace lrcn
