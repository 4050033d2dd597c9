// The machine that the program runs on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lrcn {

struct MachineFacts {
  std::string processor;              // "Intel(R) Xeon(R) ...", "unknown"
  std::vector<std::string> features;  // instruction sets that our kernels and oneDNN can use
  int processors = 0;                 // that this process may use
  int threads = 0;                    // that the arithmetic uses (OMP_NUM_THREADS)
  std::uint64_t memory = 0;           // bytes; 0: unknown
  std::uint64_t memory_free = 0;      // bytes that can be had without swapping
  std::uint64_t memory_limit = 0;     // bytes that the container allows; 0: no limit
};

MachineFacts machine_facts();

}  // namespace lrcn
