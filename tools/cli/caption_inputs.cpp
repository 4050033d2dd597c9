#include "tools/cli/caption_inputs.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <functional>
#include <span>
#include <system_error>
#include <utility>

#include "core/error.h"
#include "tools/data/image_format.h"

namespace lrcn {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 5> kPictureNames = {".jpg", ".jpeg", ".png", ".bmp",
                                                           ".webp"};
constexpr std::size_t kBeginning = 16;  // bytes that tell the format

bool is_called_picture(const fs::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  return std::find(kPictureNames.begin(), kPictureNames.end(), extension) != kPictureNames.end();
}

// The two letters that begin a BMP begin many a text, too.
bool begins_as_picture(const fs::path& path) {
  std::array<char, kBeginning> beginning{};
  std::ifstream file(path, std::ios::binary);
  file.read(beginning.data(), beginning.size());
  const auto bytes = std::as_bytes(std::span(beginning.data(), std::size_t(file.gcount())));
  const ImageFormat format = image_format(bytes);
  return format != ImageFormat::other && format != ImageFormat::bmp;
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;  // what cannot be looked at is reported when it is read
  return fs::is_directory(path, ignored);
}

bool is_hidden(const fs::path& path) { return path.filename().native().starts_with('.'); }

// Pictures and folders, in descending order.
std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  fs::directory_iterator each(folder, error);
  for (; !error && each != fs::directory_iterator(); each.increment(error)) {
    std::error_code ignored;
    const bool below = each->is_directory(ignored) && !each->is_symlink(ignored);
    const bool file = each->is_regular_file(ignored);
    if (!is_hidden(each->path()) && (below || file)) {
      entries.push_back(each->path());
    }
  }
  check<IoError>(!error, "list ", folder.string(), ": ", error.message());
  std::sort(entries.begin(), entries.end(), std::greater<>());
  return entries;
}

}  // namespace

PictureInputs::PictureInputs(std::vector<std::string> arguments)
    : arguments_(std::make_move_iterator(arguments.begin()),
                 std::make_move_iterator(arguments.end())) {}

PictureInputs::PictureInputs(const CaptionSet& set) {
  for (const CaptionSet::Item& item : set.items) {
    found_.push_back({item.path.string(), item.path, item.image_id});
  }
}

std::optional<PictureInput> PictureInputs::next(const StopRequested& stop) {
  if (found_.empty()) {
    return find(stop);
  }
  PictureInput first = std::move(found_.front());
  found_.pop_front();
  return first;
}

std::size_t PictureInputs::left(std::size_t limit, const StopRequested& stop) {
  while (found_.size() < limit) {
    std::optional<PictureInput> input = find(stop);
    if (!input) {
      break;
    }
    found_.push_back(*std::move(input));
  }
  return std::min(found_.size(), limit);
}

std::optional<PictureInput> PictureInputs::find(const StopRequested& stop) {
  for (std::string path;;) {
    if (std::optional<PictureInput> input = find_in_folders()) {
      return input;
    }
    if (!next_path(path, stop)) {
      return std::nullopt;
    }
    if (!is_folder(path)) {
      return PictureInput{path, path, std::nullopt};
    }
    searched_ = path;
    folders_.push_back({entries_of(path)});
  }
}

bool PictureInputs::next_path(std::string& path, const StopRequested& stop) {
  for (;;) {
    if (list_) {
      while (list_->next(path, stop)) {
        if (!path.empty()) {
          return true;
        }
      }
      if (stop && stop()) {
        return false;
      }
      list_.reset();
    }
    if (arguments_.empty()) {
      return false;
    }
    path = std::move(arguments_.front());
    arguments_.pop_front();
    if (path == "-") {
      list_.emplace(LineReader::of_standard_input());
    } else if (path.starts_with('@')) {
      list_.emplace(LineReader::of_file(path.substr(1)));
    } else {
      return true;
    }
  }
}

std::optional<PictureInput> PictureInputs::find_in_folders() {
  while (!folders_.empty()) {
    std::vector<fs::path>& entries = folders_.back().entries;
    if (entries.empty()) {
      folders_.pop_back();
      continue;
    }
    const fs::path path = std::move(entries.back());
    entries.pop_back();
    if (is_folder(path)) {
      folders_.push_back({entries_of(path)});
    } else if (is_called_picture(path) || begins_as_picture(path)) {
      searched_.clear();
      return PictureInput{path.string(), path, std::nullopt};
    }
  }
  check<NotFoundError>(searched_.empty(), "there are no pictures in ", searched_.string());
  return std::nullopt;
}

}  // namespace lrcn
