// Files with captions in whichever of the known formats.
#pragma once

#include <filesystem>
#include <string>

#include "tools/data/caption_set.h"

namespace lrcn {

// A file in the format of MS COCO, or of Karpathy's splits (its images have "sentences"). An
// empty `split` stands for all of the file. Throws NotFoundError for an absent file, and DataError
// as read_coco and read_karpathy do, and when a split is asked for and the file has none of it.
CaptionSet read_caption_file(const std::filesystem::path& path, const std::filesystem::path& images,
                             const std::string& split);

}  // namespace lrcn
