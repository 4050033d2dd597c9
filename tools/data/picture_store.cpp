#include "tools/data/picture_store.h"

#include "core/error.h"

namespace lrcn {

BadPolicy parse_bad_policy(std::string_view name) {
  check(name == "abort" || name == "skip", "bad pictures: expected abort or skip, got '", name,
        "'");
  return name == "abort" ? BadPolicy::abort : BadPolicy::skip;
}

PictureStore::PictureStore(std::vector<std::filesystem::path> paths, const Options& options)
    : paths_(std::move(paths)), options_(options), cache_(paths_.size()), reasons_(paths_.size()) {}

std::shared_ptr<const Image> PictureStore::read(std::size_t picture) const {
  {
    const std::lock_guard lock(mutex_);
    if (cache_.at(picture) != nullptr || !reasons_[picture].empty()) {
      return cache_[picture];
    }
  }
  std::shared_ptr<const Image> image;
  std::string reason;
  try {
    image = std::make_shared<const Image>(read_image(paths_[picture]));
  } catch (const Error& error) {
    if (options_.on_bad == BadPolicy::abort || dynamic_cast<const MemoryError*>(&error)) {
      throw;
    }
    reason = error.what();
  }
  const std::lock_guard lock(mutex_);
  reasons_[picture] = reason;
  if (image != nullptr && cache_[picture] == nullptr &&
      cached_bytes_ + image->pixels.size() <= options_.cache_bytes) {
    cached_bytes_ += image->pixels.size();
    cache_[picture] = image;
  }
  return image;
}

std::vector<std::string> PictureStore::bad() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> bad;
  for (const std::string& reason : reasons_) {
    if (!reason.empty()) {
      bad.push_back(reason);
    }
  }
  return bad;
}

}  // namespace lrcn
