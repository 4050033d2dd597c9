// The pictures of a data set: read when asked for, kept while there is room.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "tools/data/image.h"

namespace lrcn {

// What happens to a picture that cannot be read or decoded.
enum class BadPolicy {
  abort,  // the error of the reader is thrown
  skip,   // the picture is left out, counted and named
};

// "abort" or "skip". Throws ArgumentError naming both.
BadPolicy parse_bad_policy(std::string_view name);

class PictureStore {
 public:
  struct Options {
    BadPolicy on_bad = BadPolicy::abort;
    std::size_t cache_bytes = std::size_t(1) << 30;  // decoded pictures kept in memory
  };

  PictureStore(std::vector<std::filesystem::path> paths, const Options& options);

  std::size_t size() const { return paths_.size(); }
  const std::filesystem::path& path(std::size_t picture) const { return paths_.at(picture); }
  // The decoded picture; nullptr for a bad one under BadPolicy::skip. Thread-safe. Throws
  // DataError, NotFoundError or IoError under BadPolicy::abort.
  std::shared_ptr<const Image> read(std::size_t picture) const;
  // The bad pictures found so far, with the reason, in the order of their numbers. Thread-safe.
  std::vector<std::string> bad() const;

 private:
  std::vector<std::filesystem::path> paths_;
  Options options_;
  mutable std::mutex mutex_;
  mutable std::vector<std::shared_ptr<const Image>> cache_;
  mutable std::size_t cached_bytes_ = 0;
  mutable std::vector<std::string> reasons_;  // empty for a picture that is fine or unread
};

}  // namespace lrcn
