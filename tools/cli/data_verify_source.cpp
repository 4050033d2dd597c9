#include "tools/cli/data_verify_source.h"

#include <algorithm>
#include <map>
#include <set>
#include <system_error>

#include "core/error.h"
#include "tools/cli/caption_inputs.h"
#include "tools/cli/data_captions.h"
#include "tools/cli/usage_error.h"

namespace lrcn {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "captions_";
constexpr std::string_view kSuffix = ".json";

// Files called captions_*.json, by what stands for the asterisk.
std::map<std::string, fs::path> caption_files_in(const fs::path& folder) {
  std::map<std::string, fs::path> files;
  std::error_code error;
  fs::directory_iterator each(folder, error);
  for (; !error && each != fs::directory_iterator(); each.increment(error)) {
    const std::string name = each->path().filename().string();
    std::error_code ignored;
    if (each->is_regular_file(ignored) && name.starts_with(kPrefix) && name.ends_with(kSuffix) &&
        name.size() > kPrefix.size() + kSuffix.size()) {
      files[name.substr(kPrefix.size(), name.size() - kPrefix.size() - kSuffix.size())] =
          each->path();
    }
  }
  check<IoError>(!error, "list ", folder.string(), ": ", error.message());
  return files;
}

// Parts of a set by the split of its items, in the order of their first one.
void add_parts(const CaptionSet& set, std::vector<VerifySource::Part>& parts) {
  for (const CaptionSet::Item& item : set.items) {
    auto part = std::find_if(parts.begin(), parts.end(),
                             [&](const auto& each) { return each.name == item.split; });
    if (part == parts.end()) {
      part = parts.insert(parts.end(), {item.split, {}});
    }
    part->captions.items.push_back(item);
  }
}

void add_pictures(const CaptionSet& set, const fs::path& root, std::set<fs::path>& known,
                  std::vector<PictureFile>& pictures) {
  for (const CaptionSet::Item& item : set.items) {
    if (known.insert(item.path).second) {
      pictures.push_back({item.path.lexically_relative(root).generic_string(), item.path});
    }
  }
}

std::vector<PictureFile> pictures_in(const fs::path& folder) {
  std::vector<PictureFile> pictures;
  const fs::path root = fs::absolute(folder);  // so that no name means a list
  PictureInputs inputs({root.string()});
  while (const auto input = inputs.next()) {
    pictures.push_back({input->path.lexically_relative(root).generic_string(), input->path});
  }
  return pictures;
}

}  // namespace

VerifySource open_verify_source(const fs::path& path, const fs::path& images) {
  std::error_code ignored;
  VerifySource source;
  std::set<fs::path> known;
  if (!fs::is_directory(path, ignored)) {
    check<NotFoundError>(fs::exists(path, ignored), "verify: there is no ", path.string());
    check<UsageError>(!images.empty(), "--images is missing: the folder of the pictures of ",
                      path.string());
    const CaptionSet set = read_caption_file(path, images, "");
    add_pictures(set, images, known, source.pictures);
    add_parts(set, source.parts);
    source.manifest = fs::path(path).replace_extension(".manifest.json");
    return source;
  }
  check<UsageError>(images.empty(), "--images belongs to a file of captions, and ", path.string(),
                    " is a folder");
  source.manifest = path / "manifest.json";
  const auto files = caption_files_in(path);
  if (files.empty()) {
    source.pictures = pictures_in(path);
    return source;
  }
  for (const auto& [name, file] : files) {
    source.parts.push_back({name, read_caption_file(file, path, "")});
    add_pictures(source.parts.back().captions, path, known, source.pictures);
  }
  return source;
}

}  // namespace lrcn
