// Captions in the format of MS COCO.
#pragma once

#include <filesystem>
#include <string>

#include "tools/data/caption_set.h"

namespace lrcn {

// Where the pictures of a file with captions lie, and which part of a data set they are.
struct CocoSource {
  std::filesystem::path captions;      // captions_train2014.json
  std::filesystem::path image_folder;  // train2014
  std::string split;                   // COCO has one file for each split; the items get this name
};

// {"images": [{"id": int, "file_name": str}], "annotations": [{"image_id": int, "caption": str}]};
// other members are not looked at. Captions stand in the order of the file.
// Throws NotFoundError for an absent file, and DataError with file and place for text that is not
// JSON (cut, duplicate key, integer beyond 64 bits, not UTF-8), a missing member, a wrong type, a
// duplicate or negative image id, a duplicate annotation id, an annotation of an image that is not
// listed, an empty caption, and a file_name that leaves the image folder.
CaptionSet read_coco(const CocoSource& source);

}  // namespace lrcn
