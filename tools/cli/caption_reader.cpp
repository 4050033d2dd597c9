#include "tools/cli/caption_reader.h"

#include <chrono>
#include <utility>

#include "core/error.h"
#include "core/io/utf8.h"
#include "tools/data/image.h"

namespace lrcn {
namespace {

constexpr std::chrono::milliseconds kPatience(100);  // between questions whether to stop

}  // namespace

CaptionReader::CaptionReader(PictureInputs inputs, const Options& options)
    : options_(options), inputs_(std::move(inputs)) {
  check(options.threads >= 1 && options.ahead >= 1,
        "caption reader: needs at least one thread and one picture ahead, got ", options.threads,
        " and ", options.ahead);
  for (int i = 0; i < options.threads; ++i) {
    workers_.emplace_back([this](const std::stop_token& stop) { work(stop); });
  }
}

CaptionReader::~CaptionReader() {
  for (std::jthread& worker : workers_) {
    worker.request_stop();
  }
  workers_.clear();  // joins before what they use is gone
}

std::optional<PreparedPicture> CaptionReader::next(const StopRequested& stop) {
  std::unique_lock lock(mutex_);
  const auto known = [this] { return ready_.contains(first_) || end_ == first_; };
  while (!changed_.wait_for(lock, kPatience, known)) {
    if (stop && stop()) {
      return std::nullopt;
    }
  }
  if (!ready_.contains(first_)) {
    if (inputs_error_ != nullptr) {
      std::rethrow_exception(inputs_error_);
    }
    return std::nullopt;
  }
  return hand_out();
}

std::optional<PreparedPicture> CaptionReader::next_ready() {
  const std::lock_guard lock(mutex_);
  const auto found = ready_.find(first_);
  if (found == ready_.end() || found->second.error != nullptr) {
    return std::nullopt;
  }
  return hand_out();
}

PreparedPicture CaptionReader::hand_out() {
  PreparedPicture picture = std::move(ready_.extract(first_).mapped());
  ++first_;
  changed_.notify_all();
  return picture;
}

void CaptionReader::work(const std::stop_token& stop) {
  while (auto taken = take(stop)) {
    PreparedPicture picture = prepare(std::move(taken->second));
    const std::lock_guard lock(mutex_);
    ready_.emplace(taken->first, std::move(picture));
    changed_.notify_all();
  }
}

std::optional<std::pair<std::uint64_t, PictureInput>> CaptionReader::take(
    const std::stop_token& stop) {
  const std::lock_guard inputs_lock(inputs_mutex_);
  {
    std::unique_lock lock(mutex_);
    if (end_ || !changed_.wait(lock, stop, [this] { return next_ - first_ < options_.ahead; })) {
      return std::nullopt;
    }
  }
  std::optional<PictureInput> input;
  std::exception_ptr error;
  try {
    input = inputs_.next([&stop] { return stop.stop_requested(); });
  } catch (...) {
    error = std::current_exception();
  }
  const std::lock_guard lock(mutex_);
  if (!input) {
    end_ = next_;
    inputs_error_ = error;
    changed_.notify_all();
    return std::nullopt;
  }
  return std::pair(next_++, *std::move(input));
}

PreparedPicture CaptionReader::prepare(PictureInput input) const {
  PreparedPicture picture{.input = std::move(input), .pixels = {}, .error = {}};
  try {
    const std::string& name = picture.input.name;
    const Image image = read_image(picture.input.path);
    check<DataError>(!options_.utf8_names || !find_invalid_utf8(name), name,
                     ": the name is not UTF-8, so JSON cannot hold it");
    picture.pixels = resize_and_crop(image, options_.preprocessing).pixels;
  } catch (...) {
    picture.error = std::current_exception();
  }
  return picture;
}

}  // namespace lrcn
