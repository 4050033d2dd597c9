#include "tools/data/verify_manifest.h"

#include <algorithm>
#include <limits>
#include <map>
#include <string_view>
#include <unordered_set>

#include "core/error.h"
#include "core/io/file.h"
#include "core/io/json.h"

namespace lrcn {
namespace {

constexpr std::int64_t kFormat = 1;
constexpr std::size_t kChecksumDigits = 64;

std::string checksum_from(const Json& json) {
  const std::string& text = json.as_string();
  if (text.size() != kChecksumDigits ||
      text.find_first_not_of("0123456789abcdef") != std::string::npos) {
    json.reject("expected 64 hexadecimal digits, got \"" + text + '"');
  }
  return text;
}

std::int64_t count_from(const Json& json, std::int64_t low) {
  return json.as_int(low, std::numeric_limits<std::int64_t>::max());
}

// What differs, empty when nothing does.
std::string difference(const PictureFacts& expected, const PictureFacts& found) {
  if (expected.bytes != found.bytes) {
    return concat(found.bytes, " bytes, the manifest says ", expected.bytes);
  }
  if (expected.sha256 != found.sha256) {
    return "other content than in the manifest (SHA-256)";
  }
  if (expected.width != found.width || expected.height != found.height) {
    return concat(found.width, 'x', found.height, " pixels, the manifest says ", expected.width,
                  'x', expected.height);
  }
  return {};
}

}  // namespace

void write_manifest(const std::filesystem::path& path, std::span<const PictureFacts> pictures,
                    const FileSystem& files) {
  AtomicFile file(path, files);
  std::string text = concat("{\"format\":", kFormat, ",\"pictures\":[");
  const char* separator = "\n";
  for (const PictureFacts& picture : pictures) {
    text += separator + Json::object({{"file", picture.name},
                                      {"bytes", picture.bytes},
                                      {"sha256", picture.sha256},
                                      {"width", picture.width},
                                      {"height", picture.height}})
                            .dump();
    separator = ",\n";
    if (text.size() > (std::size_t(1) << 16)) {
      file.write(text);
      text.clear();
    }
  }
  file.write(text + "\n]}\n");
  file.commit();
}

std::vector<PictureFacts> read_manifest(const std::filesystem::path& path) {
  const Json root = Json::parse(read_file(path), {}, path.string());
  if (const Json format = root.at("format"); format.as_int() != kFormat) {
    format.reject(concat("this version reads format ", kFormat, ", got ", format.as_int()));
  }
  std::vector<PictureFacts> pictures;
  std::unordered_set<std::string> names;
  for (const Json picture : root.at("pictures").elements()) {
    const Json name = picture.at("file");
    if (!names.insert(name.as_string()).second) {
      name.reject("the file \"" + name.as_string() + "\" is there already");
    }
    pictures.push_back({.name = name.as_string(),
                        .bytes = count_from(picture.at("bytes"), 0),
                        .sha256 = checksum_from(picture.at("sha256")),
                        .width = count_from(picture.at("width"), 1),
                        .height = count_from(picture.at("height"), 1)});
  }
  return pictures;
}

std::vector<std::string> compare_with_manifest(std::span<const PictureFacts> manifest,
                                               const PictureFindings& found) {
  std::map<std::string_view, const PictureFacts*> good;
  std::map<std::string_view, const BadPicture*> bad;
  for (const PictureFacts& picture : found.good) {
    good.emplace(picture.name, &picture);
  }
  for (const BadPicture& picture : found.bad) {
    bad.emplace(picture.name, &picture);
  }
  std::vector<std::string> differences;
  for (const PictureFacts& expected : manifest) {
    if (const auto picture = good.extract(expected.name)) {
      if (const std::string what = difference(expected, *picture.mapped()); !what.empty()) {
        differences.push_back(concat(expected.name, ": ", what));
      }
    } else if (const auto broken = bad.extract(expected.name)) {
      differences.push_back(broken.mapped()->reason);
    } else {
      differences.push_back(expected.name + ": is not there any more");
    }
  }
  for (const PictureFacts& picture : found.good) {
    if (good.contains(picture.name)) {
      differences.push_back(picture.name + ": is not in the manifest");
    }
  }
  for (const BadPicture& picture : found.bad) {
    if (bad.contains(picture.name)) {
      differences.push_back(picture.reason + " (not in the manifest)");
    }
  }
  return differences;
}

}  // namespace lrcn
