// Reads and prepares pictures ahead of the network, on threads of its own.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "tools/cli/caption_inputs.h"
#include "tools/data/preprocess.h"

namespace lrcn {

struct PreparedPicture {
  PictureInput input;
  std::vector<std::uint8_t> pixels;  // [S, S, 3], cropped; empty when the picture cannot be used
  std::exception_ptr error;          // why not
};

// Pictures come in the order of the inputs whatever the number of threads, and at most `ahead` of
// them, plus one for each thread, are held at any time.
class CaptionReader {
 public:
  struct Options {
    Preprocessing preprocessing;
    int threads = 1;
    std::size_t ahead = 32;
    bool utf8_names = false;  // a picture with another name cannot be used: DataError
  };

  // Throws ArgumentError for numbers below 1.
  CaptionReader(PictureInputs inputs, const Options& options);
  ~CaptionReader();
  CaptionReader(const CaptionReader&) = delete;
  CaptionReader& operator=(const CaptionReader&) = delete;

  // The next picture, good or bad; nothing at the end, and once `stop` becomes true. Throws what
  // finding inputs threw.
  std::optional<PreparedPicture> next(const StopRequested& stop = {});
  // The next picture if it is there already and good; it stays where it is otherwise.
  std::optional<PreparedPicture> next_ready();

 private:
  void work(const std::stop_token& stop);
  PreparedPicture hand_out();  // picture first_, which is ready
  // Takes the next input and its number; nothing when there is none or finding it failed.
  std::optional<std::pair<std::uint64_t, PictureInput>> take(const std::stop_token& stop);
  PreparedPicture prepare(PictureInput input) const;

  Options options_;
  std::mutex inputs_mutex_;  // taken before mutex_: a list may keep its reader waiting
  PictureInputs inputs_;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::uint64_t, PreparedPicture> ready_;
  std::uint64_t first_ = 0;           // next one to be handed out
  std::uint64_t next_ = 0;            // next one to be taken
  std::optional<std::uint64_t> end_;  // behind the last one, once it is known
  std::exception_ptr inputs_error_;   // why there are no more inputs
  std::vector<std::jthread> workers_;
};

}  // namespace lrcn
