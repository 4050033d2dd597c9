#include "tools/data/karpathy.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

#include "core/error.h"
#include "core/io/file.h"
#include "core/io/json.h"

namespace lrcn {
namespace {

constexpr std::int64_t kLargestId = std::numeric_limits<std::int64_t>::max();

std::string read_split(const Json& split) {
  const std::string& name = split.as_string();
  if (name == "restval") {
    return "train";
  }
  if (name != "train" && name != "val" && name != "test") {
    split.reject("expected train, restval, val or test, got \"" + name + "\"");
  }
  return name;
}

std::filesystem::path read_path(const Json& image) {
  std::filesystem::path path;
  for (const std::string_view key : {"filepath", "filename"}) {
    const std::optional<Json> part = image.find(key);
    if (!part && key == "filepath") {
      continue;
    }
    const Json name = image.at(key);
    if (!stays_inside(name.as_string())) {
      name.reject("expected a path inside of the image folder, got \"" + name.as_string() + "\"");
    }
    path /= name.as_string();
  }
  return path;
}

std::vector<std::string> read_sentences(const Json& sentences) {
  std::vector<std::string> captions;
  for (const Json sentence : sentences.elements()) {
    const Json raw = sentence.at("raw");
    captions.push_back(strip_blanks(raw.as_string()));
    if (captions.back().empty()) {
      raw.reject("expected a caption, got \"" + raw.as_string() + "\"");
    }
  }
  if (captions.empty()) {
    sentences.reject("expected at least one sentence, got none");
  }
  return captions;
}

}  // namespace

CaptionSet read_karpathy(const std::filesystem::path& captions,
                         const std::filesystem::path& image_folder) {
  const Json root = Json::parse(read_file(captions), {}, captions.string());
  CaptionSet set;
  std::unordered_set<std::int64_t> ids;
  std::unordered_set<std::int64_t> coco_ids;
  for (const Json image : root.at("images").elements()) {
    const Json id = image.at("imgid");
    const std::optional<Json> coco_id = image.find("cocoid");
    if (!ids.insert(id.as_int(0, kLargestId)).second) {
      id.reject(concat("the imgid ", id.as_int(), " is there already"));
    }
    if (coco_id && !coco_ids.insert(coco_id->as_int(0, kLargestId)).second) {
      coco_id->reject(concat("the cocoid ", coco_id->as_int(), " is there already"));
    }
    // One kind of id for the whole set, so that the ids stay unique.
    if (coco_ids.size() != (coco_id ? ids.size() : 0)) {
      image.reject(coco_id ? "expected no cocoid, as in the images before"
                           : "expected a cocoid, as in the images before");
    }
    set.items.push_back({.file_name = image.at("filename").as_string(),
                         .path = image_folder / read_path(image),
                         .image_id = coco_id ? coco_id->as_int() : id.as_int(),
                         .split = read_split(image.at("split")),
                         .captions = read_sentences(image.at("sentences"))});
  }
  return set;
}

}  // namespace lrcn
