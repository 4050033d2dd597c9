// Prepares caption batches ahead of time on threads of its own.
#pragma once

#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "tools/data/caption_data.h"
#include "tools/data/epoch_batches.h"

namespace lrcn {

// Batches come in the order of plan_epoch whatever the number of threads, and at most `prefetch` of
// them are held.
class CaptionLoader {
 public:
  struct Options {
    EpochOptions epoch;
    int threads = 1;
    int prefetch = 4;
  };

  // Throws ArgumentError for no examples or numbers below 1.
  CaptionLoader(const CaptionData& data, const CaptionBatcher& batcher, const Options& options);
  ~CaptionLoader();
  CaptionLoader(const CaptionLoader&) = delete;
  CaptionLoader& operator=(const CaptionLoader&) = delete;

  std::int64_t batches_per_epoch() const { return batches_per_epoch_; }
  // Batch number `index` since the start of training. Asking in order is served from what was
  // prepared; any other index starts again from there. Throws what reading the data threw.
  CaptionBatch get(std::int64_t index);

 private:
  struct Slot {
    bool done = false;
    CaptionBatch batch;
    std::exception_ptr error;
  };

  void work(const std::stop_token& stop);
  BatchPlan plan_of(std::int64_t index);

  const CaptionData& data_;
  const CaptionBatcher& batcher_;
  Options options_;
  std::vector<std::int64_t> lengths_;
  std::int64_t batches_per_epoch_ = 0;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::int64_t, Slot> slots_;                    // being made or ready
  std::int64_t first_ = 0;                                // next one to be handed out
  std::int64_t next_ = 0;                                 // next one to be made
  std::map<std::int64_t, std::vector<BatchPlan>> plans_;  // by epoch
  std::vector<std::jthread> workers_;
};

}  // namespace lrcn
