#include "tools/cli/data_captions.h"

#include "core/io/file.h"
#include "core/io/json.h"
#include "tools/cli/usage_error.h"
#include "tools/data/coco.h"
#include "tools/data/karpathy.h"

namespace lrcn {
namespace {

bool is_karpathy(const std::filesystem::path& path) {
  const Json root = Json::parse(read_file(path), {}, path.string());
  const std::optional<Json> images = root.find("images");
  return images && images->is_array() && images->size() > 0 && (*images)[0].has("sentences");
}

}  // namespace

CaptionSet read_caption_file(const std::filesystem::path& path, const std::filesystem::path& images,
                             const std::string& split) {
  if (!is_karpathy(path)) {
    check<UsageError>(split.empty(), "--split: ", path.string(),
                      " is in the format of MS COCO, which has no splits inside of a file");
    return read_coco({path, images, "all"});
  }
  CaptionSet set = read_karpathy(path, images);
  if (!split.empty()) {
    set = select_split(set, split);
    check<DataError>(!set.items.empty(), path.string(), ": has no pictures of the split '", split,
                     "'");
  }
  return set;
}

}  // namespace lrcn
