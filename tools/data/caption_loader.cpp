#include "tools/data/caption_loader.h"

#include "core/error.h"

namespace lrcn {

CaptionLoader::CaptionLoader(const CaptionData& data, const CaptionBatcher& batcher,
                             const Options& options)
    : data_(data), batcher_(batcher), options_(options), lengths_(data.lengths()) {
  check(options.threads >= 1 && options.prefetch >= 1,
        "loader: threads and prefetch must be at least 1, got ", options.threads, " and ",
        options.prefetch);
  batches_per_epoch_ = lrcn::batches_per_epoch(std::int64_t(lengths_.size()), options.epoch.batch);
  plans_.emplace(0, plan_epoch(lengths_, 0, options.epoch));  // refuses here what cannot be planned
  for (int i = 0; i < options.threads; ++i) {
    workers_.emplace_back([this](const std::stop_token& stop) { work(stop); });
  }
}

CaptionLoader::~CaptionLoader() {
  for (std::jthread& worker : workers_) {
    worker.request_stop();
  }
  changed_.notify_all();
}

CaptionBatch CaptionLoader::get(std::int64_t index) {
  std::unique_lock lock(mutex_);
  if (index != first_) {  // what is being made elsewhere is dropped when it is done
    slots_.clear();
    first_ = next_ = index;
  }
  changed_.notify_all();
  changed_.wait(lock, [&] {
    const auto slot = slots_.find(index);
    return slot != slots_.end() && slot->second.done;
  });
  Slot slot = std::move(slots_.extract(index).mapped());
  first_ = index + 1;
  changed_.notify_all();
  if (slot.error) {
    std::rethrow_exception(slot.error);
  }
  return std::move(slot.batch);
}

void CaptionLoader::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, stop, [&] { return next_ < first_ + options_.prefetch; });
    if (stop.stop_requested()) {
      return;
    }
    const std::int64_t index = next_++;
    slots_[index];
    Slot slot;
    slot.done = true;
    try {
      const BatchPlan plan = plan_of(index);
      lock.unlock();
      batcher_.fill(plan.samples, plan.steps, index / batches_per_epoch_, slot.batch);
    } catch (...) {
      slot.error = std::current_exception();
    }
    if (!lock.owns_lock()) {
      lock.lock();
    }
    const auto target = slots_.find(index);
    if (target != slots_.end()) {
      target->second = std::move(slot);
    }
    changed_.notify_all();
  }
}

BatchPlan CaptionLoader::plan_of(std::int64_t index) {
  const std::int64_t epoch = index / batches_per_epoch_;
  auto plan = plans_.find(epoch);
  if (plan == plans_.end()) {
    plans_.erase(plans_.begin(), plans_.lower_bound(epoch - 1));
    plan = plans_.emplace(epoch, plan_epoch(lengths_, epoch, options_.epoch)).first;
  }
  return plan->second.at(std::size_t(index % batches_per_epoch_));
}

}  // namespace lrcn
