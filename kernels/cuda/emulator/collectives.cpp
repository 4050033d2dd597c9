#include "kernels/cuda/emulator/collectives.h"

#include <cstring>

#include "core/error.h"
#include "kernels/cuda/emulator/grid.h"

namespace lrcn::cuda::emulator {
namespace {

constexpr unsigned kLanes = 32;

constexpr std::size_t kMostBytes = 64;  // of a shuffled value

struct ShuffleSlot {
  const void* value;
  std::size_t bytes;
  unsigned source;
  bool present;
  std::byte result[kMostBytes];
};

void combine_shuffle(void* const* slots, std::uint32_t arrived) {
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    if ((arrived >> lane & 1u) == 0) {
      continue;
    }
    auto& slot = *static_cast<ShuffleSlot*>(slots[lane]);
    slot.present = (arrived >> slot.source & 1u) != 0;
    if (slot.present) {
      std::memcpy(slot.result, static_cast<const ShuffleSlot*>(slots[slot.source])->value,
                  slot.bytes);
    }
  }
}

struct BallotSlot {
  bool predicate;
  std::uint32_t result;
};

void combine_ballot(void* const* slots, std::uint32_t arrived) {
  std::uint32_t result = 0;
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    if ((arrived >> lane & 1u) != 0 && static_cast<const BallotSlot*>(slots[lane])->predicate) {
      result |= 1u << lane;
    }
  }
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    if ((arrived >> lane & 1u) != 0) {
      static_cast<BallotSlot*>(slots[lane])->result = result;
    }
  }
}

unsigned source_of(Shuffle kind, unsigned lane, unsigned operand) {
  switch (kind) {
    case Shuffle::exclusive_or:
      return (lane ^ operand) % kLanes;
    case Shuffle::up:
      return lane >= operand ? lane - operand : lane;
    case Shuffle::down:
      return lane + operand < kLanes ? lane + operand : lane;
    case Shuffle::indexed:
      return operand % kLanes;
  }
  return lane;
}

}  // namespace

void wait_at_barrier(std::source_location place) {
  Grid::current().wait_at_barrier({"__syncthreads", place});
}

void wait_for_warp(std::uint32_t mask, std::source_location place) {
  const auto nothing = [](void* const*, std::uint32_t) {};
  Grid::current().wait_at_meeting({.mask = mask, .slot = nullptr, .combine = nothing},
                                  {"__syncwarp", place});
}

void wait_for_grid(std::source_location place) {
  Grid::current().wait_at_grid_barrier({"grid_sync", place});
}

void spin(std::source_location place) { Grid::current().spin({"spin_hint", place}); }

void note_progress() { Grid::current().note_progress(); }

void* shared_memory() { return Grid::current().shared(); }

void shuffle(std::uint32_t mask, ShuffledValue value, Shuffle kind, unsigned operand,
             std::source_location place) {
  check<DeviceError>(value.bytes <= kMostBytes, "emulated kernel: shuffle of ", value.bytes,
                     " bytes");
  Grid& grid = Grid::current();
  const Site site{"shuffle", place};
  const unsigned source = source_of(kind, grid.lane(), operand);
  ShuffleSlot slot;
  slot.value = value.value;
  slot.bytes = value.bytes;
  slot.source = source;
  grid.wait_at_meeting({.mask = mask, .slot = &slot, .combine = combine_shuffle}, site);
  if (!slot.present) {  // the message is expensive
    fail<DeviceError>("emulated kernel: ", grid.name_of_running(), " reads lane ", source,
                      ", which takes no part, in ", site.text());
  }
  std::memcpy(value.value, slot.result, value.bytes);
}

std::uint32_t ballot(std::uint32_t mask, bool predicate, std::source_location place) {
  BallotSlot slot{.predicate = predicate, .result = 0};
  Grid::current().wait_at_meeting({.mask = mask, .slot = &slot, .combine = combine_ballot},
                                  {"ballot", place});
  return slot.result;
}

}  // namespace lrcn::cuda::emulator
