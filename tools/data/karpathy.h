// Captions in the format of Karpathy's splits of COCO, Flickr8k and Flickr30k.
#pragma once

#include <filesystem>

#include "tools/data/caption_set.h"

namespace lrcn {

// {"images": [{"filename": str, "filepath"?: str, "split": str, "imgid": int, "cocoid"?: int,
//              "sentences": [{"raw": str}]}]}; other members are not looked at.
// A picture lies at image_folder/filepath/filename; image_id is the cocoid, or the imgid in files
// without cocoid. The split "restval" (COCO's pictures outside of the 5000 + 5000) counts as
// "train". Throws NotFoundError for an absent file, and DataError with file and place for text that
// is not JSON (cut, duplicate key, integer beyond 64 bits, not UTF-8), a missing member, a wrong
// type, an unknown split, a duplicate or negative id, files that mix pictures with and without
// cocoid, a picture without sentences, an empty caption, and a path that leaves the image folder.
CaptionSet read_karpathy(const std::filesystem::path& captions,
                         const std::filesystem::path& image_folder);

}  // namespace lrcn
