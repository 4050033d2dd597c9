// What threads of a kernel do together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <source_location>

namespace lrcn::cuda::emulator {

void wait_at_barrier(std::source_location place);
void wait_for_warp(std::uint32_t mask, std::source_location place);

void wait_for_grid(std::source_location place);
// Lets other threads run. Throws DeviceError when all of them only spin.
void spin(std::source_location place);
// The thread did something that others may wait for.
void note_progress();

// The shared memory of the block.
void* shared_memory();

// Which lane each lane reads: lane ^ operand, lane - operand, lane + operand, or operand itself. A
// lane without a lane to read gets its own value.
enum class Shuffle : std::uint8_t { exclusive_or, up, down, indexed };

// Each lane gives the `bytes` bytes of value and gets those of another lane for them. Reading a
// lane that takes no part throws DeviceError.
struct ShuffledValue {
  void* value;
  std::size_t bytes;
};
void shuffle(std::uint32_t mask, ShuffledValue value, Shuffle kind, unsigned operand,
             std::source_location place);
// Bit l: the predicate of lane l.
std::uint32_t ballot(std::uint32_t mask, bool predicate, std::source_location place);

}  // namespace lrcn::cuda::emulator
