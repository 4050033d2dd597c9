#include "layers/graph/memory_plan.h"

#include <algorithm>
#include <iomanip>
#include <numeric>
#include <ostream>

namespace lrcn {
namespace {

constexpr std::size_t kAlignment = 64;

std::size_t aligned(std::size_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

bool overlap(const MemoryBlock& a, const MemoryBlock& b) {
  return a.first <= b.last && b.first <= a.last;
}

// Lowest offset at which `block` fits between the already placed blocks, sorted by offset.
std::size_t lowest_free_offset(const MemoryBlock& block, const std::vector<MemoryBlock*>& placed) {
  std::size_t offset = 0;
  for (const MemoryBlock* other : placed) {
    if (!overlap(block, *other)) {
      continue;
    }
    if (other->offset >= offset + aligned(block.bytes)) {
      break;
    }
    offset = std::max(offset, other->offset + aligned(other->bytes));
  }
  return offset;
}

std::size_t largest_live_sum(const std::vector<MemoryBlock>& blocks) {
  std::size_t largest = 0;
  for (const MemoryBlock& at : blocks) {  // the sum can only grow where a block starts
    std::size_t sum = 0;
    for (const MemoryBlock& block : blocks) {
      sum += block.first <= at.first && at.first <= block.last ? aligned(block.bytes) : 0;
    }
    largest = std::max(largest, sum);
  }
  return largest;
}

}  // namespace

MemoryPlan plan_memory(std::vector<MemoryBlock> blocks) {
  MemoryPlan plan;
  plan.blocks = std::move(blocks);
  std::vector<std::size_t> order(plan.blocks.size());
  std::iota(order.begin(), order.end(), std::size_t(0));
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return plan.blocks[a].bytes > plan.blocks[b].bytes;
  });

  std::vector<MemoryBlock*> placed;
  for (const std::size_t index : order) {
    MemoryBlock& block = plan.blocks[index];
    block.offset = lowest_free_offset(block, placed);
    const auto position = std::upper_bound(
        placed.begin(), placed.end(), block.offset,
        [](std::size_t offset, const MemoryBlock* other) { return offset < other->offset; });
    placed.insert(position, &block);
    plan.arena_bytes = std::max(plan.arena_bytes, block.offset + aligned(block.bytes));
    plan.total_bytes += aligned(block.bytes);
  }
  plan.live_bytes = largest_live_sum(plan.blocks);
  return plan;
}

void print(std::ostream& out, const MemoryPlan& plan, std::size_t rows) {
  std::vector<const MemoryBlock*> sorted;
  for (const MemoryBlock& block : plan.blocks) {
    sorted.push_back(&block);
  }
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto* a, const auto* b) { return a->bytes > b->bytes; });
  const auto mib = [](std::size_t bytes) { return double(bytes) / (1024.0 * 1024.0); };
  out << std::fixed << std::setprecision(2);
  out << "      MiB   offset MiB   alive steps   block\n";
  for (std::size_t i = 0; i < std::min(rows, sorted.size()); ++i) {
    const MemoryBlock& block = *sorted[i];
    out << std::setw(9) << mib(block.bytes) << std::setw(13) << mib(block.offset) << std::setw(8)
        << block.first << " - " << std::setw(3) << block.last << "   " << block.name << '\n';
  }
  if (sorted.size() > rows) {
    out << "          ... and " << sorted.size() - rows << " smaller blocks\n";
  }
  out << "arena " << mib(plan.arena_bytes) << " MiB, lower limit " << mib(plan.live_bytes)
      << " MiB, without sharing " << mib(plan.total_bytes) << " MiB\n";
}

}  // namespace lrcn
