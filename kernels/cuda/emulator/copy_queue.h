// The asynchronous copies that a thread has given and not waited for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/cuda/emulator/async_copy.h"
#include "kernels/cuda/emulator/site.h"

namespace lrcn::cuda::emulator {

class CopyQueue {
 public:
  CopyQueue() = default;
  ~CopyQueue() { drop(); }
  CopyQueue(const CopyQueue&) = delete;
  CopyQueue& operator=(const CopyQueue&) = delete;

  // The source holds `value`, and the target bytes `poison`.
  void add(const AsyncCopy& copy, const CopiedBytes& value, int poison, const Site& site);
  void commit() {
    ++open_group_;
    in_open_group_ = 0;
  }
  // Completes all groups but the last `pending`. Returns what is wrong with one of them, or
  // nothing.
  std::string wait(std::uint64_t pending);
  // Completes what the thread leaves behind.
  void finish();
  // Forgets all, when the kernel has failed.
  void drop();
  bool is_empty() const { return copies_.empty(); }
  // The group that the next copy will belong to, and how many it has.
  std::uint64_t open_group() const { return open_group_; }
  std::uint64_t in_open_group() const { return in_open_group_; }

 private:
  struct Copy {
    AsyncCopy call;
    std::uint64_t group;
    CopiedBytes value;
    int poison;
    Site site;
  };

  static std::string problem_of(const Copy& copy);
  static void complete(const Copy& copy);

  std::vector<Copy> copies_;  // by rising group
  std::uint64_t open_group_ = 0;
  std::uint64_t in_open_group_ = 0;
};

}  // namespace lrcn::cuda::emulator
