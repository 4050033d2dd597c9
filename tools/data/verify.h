// Reading every picture and caption of a data set to find out whether it can be trained on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "tools/data/caption_set.h"

namespace lrcn {

struct PictureFile {
  std::string name;  // in manifest and messages
  std::filesystem::path path;
};

// What a manifest says about a picture.
struct PictureFacts {
  std::string name;
  std::int64_t bytes = 0;  // of the file
  std::string sha256;      // of the file
  std::int64_t width = 0;  // pixels, upright
  std::int64_t height = 0;

  friend bool operator==(const PictureFacts&, const PictureFacts&) = default;
};

struct BadPicture {
  std::string name;
  std::string reason;  // with the name
};

struct PictureFindings {  // each in the order of the files
  std::vector<PictureFacts> good;
  std::vector<BadPicture> bad;  // absent, unreadable, damaged
};

// Decodes every file, on `threads` threads (>= 1). `progress` is called now and then with the
// number of files done, on the calling thread. Throws what is not the fault of a picture
// (MemoryError).
PictureFindings verify_pictures(std::span<const PictureFile> files, int threads,
                                const std::function<void(std::size_t)>& progress = {});

// Names of pictures whose files are the same byte for byte, in groups of two or more.
std::vector<std::vector<std::string>> identical_pictures(std::span<const PictureFacts> pictures);

// Counts over the captions of a set, in words as tokenize_caption cuts them.
struct CaptionFindings {
  std::int64_t pictures = 0;
  std::int64_t undescribed = 0;  // pictures without a caption
  std::int64_t captions = 0;
  std::int64_t words = 0;
  std::int64_t vocabulary = 0;                   // distinct words
  std::int64_t frequent_words = 0;               // distinct words seen five times or more
  std::map<std::int64_t, std::int64_t> lengths;  // words -> captions
  std::vector<std::string> bad;                  // captions without words, with their picture
};

CaptionFindings verify_captions(const CaptionSet& set);

// The length that `part` (0 to 1) of the captions do not exceed; 0 when there are none.
std::int64_t length_percentile(const CaptionFindings& findings, double part);

}  // namespace lrcn
