// What threads of a kernel do together.
#pragma once

#include <cstdint>
#include <source_location>

namespace lrcn::cuda::emulator {

void wait_at_barrier(std::source_location place);
void wait_for_warp(std::uint32_t mask, std::source_location place);

// The shared memory of the block.
void* shared_memory();

// Which lane each lane reads: lane ^ operand, lane - operand, lane + operand, or operand itself. A
// lane without a lane to read gets its own value.
enum class Shuffle : std::uint8_t { exclusive_or, up, down, indexed };

// Each lane gives and gets one word. Reading a lane that takes no part throws DeviceError.
std::uint32_t shuffle(std::uint32_t mask, std::uint32_t word, Shuffle kind, unsigned operand,
                      std::source_location place);
// Bit l: the predicate of lane l.
std::uint32_t ballot(std::uint32_t mask, bool predicate, std::source_location place);

}  // namespace lrcn::cuda::emulator
