// The two files of a caption evaluation.
#pragma once

#include <filesystem>

#include "tools/data/caption_set.h"
#include "tools/eval/caption_scores.h"

namespace lrcn {

// The captions of a set, from whatever format it was read (tools/data/coco.h, karpathy.h). Images
// without captions are left out.
ReferenceCaptions references_of(const CaptionSet& set);

// A file with captions in the format of MS COCO; errors as read_coco. The pictures are not looked
// at.
ReferenceCaptions read_references(const std::filesystem::path& path);

// Results in the format of MS COCO: [{"image_id": int, "caption": str}]; other members are not
// looked at, and the caption may be empty. Throws NotFoundError for an absent file, and DataError
// with file and place for text that is not JSON, a missing member, a wrong type, a negative image
// id, and a second caption for one image.
ResultCaptions read_results(const std::filesystem::path& path);

}  // namespace lrcn
