#include "tools/eval/caption_files.h"

#include <cstdint>
#include <limits>

#include "core/error.h"
#include "core/io/file.h"
#include "core/io/json.h"
#include "tools/data/coco.h"

namespace lrcn {

ReferenceCaptions references_of(const CaptionSet& set) {
  ReferenceCaptions references;
  for (const CaptionSet::Item& item : set.items) {
    if (!item.captions.empty()) {
      references.emplace(item.image_id, item.captions);
    }
  }
  return references;
}

ReferenceCaptions read_references(const std::filesystem::path& path) {
  return references_of(read_coco({.captions = path, .image_folder = {}, .split = {}}));
}

ResultCaptions read_results(const std::filesystem::path& path) {
  const Json root = Json::parse(read_file(path), {}, path.string());
  ResultCaptions results;
  for (const Json result : root.elements()) {
    const Json id = result.at("image_id");
    const std::int64_t image_id = id.as_int(0, std::numeric_limits<std::int64_t>::max());
    if (!results.emplace(image_id, result.at("caption").as_string()).second) {
      id.reject(concat("the image ", image_id, " has a caption already"));
    }
  }
  return results;
}

}  // namespace lrcn
