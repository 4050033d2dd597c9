// Places blocks with known lifetimes into one arena.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <vector>

namespace lrcn {

// A block is alive during the steps [first, last], both included.
struct MemoryBlock {
  std::string name;
  std::size_t bytes = 0;
  int first = 0;
  int last = 0;
  std::size_t offset = 0;  // found by plan_memory, a multiple of 64
};

struct MemoryPlan {
  std::vector<MemoryBlock> blocks;
  std::size_t arena_bytes = 0;  // what the placement needs
  std::size_t live_bytes = 0;   // the largest sum of blocks alive at one step: the lower limit
  std::size_t total_bytes = 0;  // all blocks without sharing
};

// Greedy by size (largest first, lowest offset that is free during its lifetime): Pisarchyk and
// Lee, "Efficient memory management for deep neural net inference", 2020.
MemoryPlan plan_memory(std::vector<MemoryBlock> blocks);

// A table of the largest blocks and the three sums.
void print(std::ostream& out, const MemoryPlan& plan, std::size_t rows);

}  // namespace lrcn
