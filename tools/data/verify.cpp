#include "tools/data/verify.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <variant>

#include "core/error.h"
#include "core/io/file.h"
#include "tools/data/image.h"
#include "tools/data/tokenize.h"
#include "tools/data/verify_checksum.h"
#include "tools/data/vocabulary.h"

namespace lrcn {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMaxFileBytes = std::uintmax_t{1} << 31;  // as read_image
constexpr std::int64_t kFrequent = 5;

std::string content_of(const PictureFile& file) {
  std::error_code error;
  const fs::file_status status = fs::status(file.path, error);
  check<NotFoundError>(fs::exists(status), file.name, ": there is no such file");
  check<IoError>(fs::is_regular_file(status), file.name,
                 ": expected a file, got a folder or a device");
  const std::uintmax_t size = fs::file_size(file.path, error);
  check<DataError>(error || size <= kMaxFileBytes, file.name, ": a picture may have ",
                   kMaxFileBytes, " bytes, this file has ", size);
  return read_file(file.path);
}

PictureFacts facts_of(const PictureFile& file) {
  const std::string content = content_of(file);
  const auto bytes = std::as_bytes(std::span(content));
  const Image image = decode_image(bytes, file.name);
  return {.name = file.name,
          .bytes = std::int64_t(content.size()),
          .sha256 = sha256_of(bytes),
          .width = image.width,
          .height = image.height};
}

// All files, each examined once by one of several threads.
class Examination {
 public:
  explicit Examination(std::span<const PictureFile> files)
      : files_(files), results_(files.size()) {}

  void run(int threads, const std::function<void(std::size_t)>& progress) {
    {
      std::vector<std::jthread> workers;
      for (int i = 0; i < threads; ++i) {
        workers.emplace_back([this] { work(); });
      }
      std::unique_lock lock(mutex_);
      for (std::size_t told = 0; told < files_.size() && failure_ == nullptr;) {
        changed_.wait(lock, [&] { return done_ > told || failure_ != nullptr; });
        told = done_;
        if (progress) {
          lock.unlock();
          progress(told);
          lock.lock();
        }
      }
    }
    if (failure_ != nullptr) {
      std::rethrow_exception(failure_);
    }
  }

  PictureFindings findings() {
    PictureFindings findings;
    for (auto& result : results_) {
      if (auto* facts = std::get_if<PictureFacts>(&result)) {
        findings.good.push_back(std::move(*facts));
      } else {
        findings.bad.push_back(std::move(std::get<BadPicture>(result)));
      }
    }
    return findings;
  }

 private:
  void work() {
    for (std::size_t i = next_++; i < files_.size(); i = next_++) {
      std::exception_ptr failure;
      try {
        results_[i] = examine(files_[i]);
      } catch (...) {
        failure = std::current_exception();
        next_ = files_.size();
      }
      const std::lock_guard lock(mutex_);
      ++done_;
      failure_ = failure == nullptr ? failure_ : failure;
      changed_.notify_all();
    }
  }

  static std::variant<PictureFacts, BadPicture> examine(const PictureFile& file) {
    try {
      return facts_of(file);
    } catch (const MemoryError&) {
      throw;
    } catch (const Error& error) {
      return BadPicture{file.name, error.what()};
    }
  }

  std::span<const PictureFile> files_;
  std::vector<std::variant<PictureFacts, BadPicture>> results_;
  std::atomic<std::size_t> next_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t done_ = 0;
  std::exception_ptr failure_;
};

}  // namespace

PictureFindings verify_pictures(std::span<const PictureFile> files, int threads,
                                const std::function<void(std::size_t)>& progress) {
  check(threads >= 1, "verify: needs at least one thread, got ", threads);
  Examination examination(files);
  examination.run(threads, progress);
  return examination.findings();
}

std::vector<std::vector<std::string>> identical_pictures(std::span<const PictureFacts> pictures) {
  std::map<std::string, std::vector<std::string>> by_content;
  for (const PictureFacts& picture : pictures) {
    by_content[picture.sha256].push_back(picture.name);
  }
  std::vector<std::vector<std::string>> groups;
  for (auto& [content, names] : by_content) {
    if (names.size() > 1) {
      groups.push_back(std::move(names));
    }
  }
  std::sort(groups.begin(), groups.end());
  return groups;
}

CaptionFindings verify_captions(const CaptionSet& set) {
  CaptionFindings findings;
  WordCounts counts;
  for (const CaptionSet::Item& item : set.items) {
    ++findings.pictures;
    findings.undescribed += item.captions.empty() ? 1 : 0;
    for (const std::string& caption : item.captions) {
      ++findings.captions;
      try {
        const std::vector<std::string> words = tokenize_caption(caption);
        findings.words += std::int64_t(words.size());
        ++findings.lengths[std::int64_t(words.size())];
        count_words(counts, words);
      } catch (const DataError& error) {
        findings.bad.push_back(concat(item.file_name, ": ", error.what()));
      }
    }
  }
  findings.vocabulary = std::int64_t(counts.size());
  findings.frequent_words = std::count_if(
      counts.begin(), counts.end(), [](const auto& word) { return word.second >= kFrequent; });
  return findings;
}

std::int64_t length_percentile(const CaptionFindings& findings, double part) {
  std::int64_t all = 0;
  for (const auto& [length, captions] : findings.lengths) {
    all += captions;
  }
  const auto wanted = std::int64_t(std::ceil(part * double(all)));
  std::int64_t passed = 0;
  for (const auto& [length, captions] : findings.lengths) {
    passed += captions;
    if (passed >= wanted) {
      return length;
    }
  }
  return 0;
}

}  // namespace lrcn
