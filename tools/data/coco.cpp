#include "tools/data/coco.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "core/error.h"
#include "core/io/file.h"
#include "core/io/json.h"

namespace lrcn {
namespace {

constexpr std::int64_t kLargestId = std::numeric_limits<std::int64_t>::max();

CaptionSet::Item read_image(const Json& image, const CocoSource& source) {
  const Json name = image.at("file_name");
  if (!stays_inside(name.as_string())) {
    name.reject("expected a file inside of the image folder, got \"" + name.as_string() + "\"");
  }
  return {.file_name = name.as_string(),
          .path = source.image_folder / name.as_string(),
          .image_id = image.at("id").as_int(0, kLargestId),
          .split = source.split,
          .captions = {}};
}

}  // namespace

CaptionSet read_coco(const CocoSource& source) {
  const Json root = Json::parse(read_file(source.captions), {}, source.captions.string());
  CaptionSet set;
  std::unordered_map<std::int64_t, std::size_t> places;
  for (const Json image : root.at("images").elements()) {
    CaptionSet::Item item = read_image(image, source);
    if (!places.try_emplace(item.image_id, set.items.size()).second) {
      image.at("id").reject(concat("the image id ", item.image_id, " is there already"));
    }
    set.items.push_back(std::move(item));
  }

  std::unordered_set<std::int64_t> annotation_ids;
  for (const Json annotation : root.at("annotations").elements()) {
    const std::optional<Json> id = annotation.find("id");
    if (id && !annotation_ids.insert(id->as_int()).second) {
      id->reject(concat("the annotation id ", id->as_int(), " is there already"));
    }
    const Json image_id = annotation.at("image_id");
    const auto place = places.find(image_id.as_int());
    if (place == places.end()) {
      image_id.reject(concat("expected an id of \"images\", got ", image_id.as_int()));
    }
    const Json caption = annotation.at("caption");
    std::string text = strip_blanks(caption.as_string());
    if (text.empty()) {
      caption.reject("expected a caption, got \"" + caption.as_string() + "\"");
    }
    set.items[place->second].captions.push_back(std::move(text));
  }
  return set;
}

}  // namespace lrcn
