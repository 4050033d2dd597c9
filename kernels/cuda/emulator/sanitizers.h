// What the sanitizers have to be told: which memory nobody may touch yet, and which threads have
// waited for each other. Without them, nothing.
//
// ThreadSanitizer watches the kernels but not the emulator, which is compiled without it and told
// so by LRCN_EMULATOR_RACES. Include from sources alone.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif
#if LRCN_EMULATOR_RACES
#include <sanitizer/tsan_interface.h>

extern "C" {
void __tsan_read_range(void* memory, unsigned long bytes);
void __tsan_write_range(void* memory, unsigned long bytes);
}
#endif

namespace lrcn::cuda::emulator {

#if LRCN_EMULATOR_RACES
inline constexpr bool kFindsRaces = true;
#else
inline constexpr bool kFindsRaces = false;
#endif

// Everything before a release of the object happens before what follows a later acquire of it.
inline void acquire([[maybe_unused]] void* object) {
#if LRCN_EMULATOR_RACES
  __tsan_acquire(object);
#endif
}
inline void release([[maybe_unused]] void* object) {
#if LRCN_EMULATOR_RACES
  __tsan_release(object);
#endif
}

// An access by the thread that runs, though the emulator does it.
inline void note_read([[maybe_unused]] const void* memory, [[maybe_unused]] std::size_t bytes) {
#if LRCN_EMULATOR_RACES
  __tsan_read_range(const_cast<void*>(memory), bytes);
#endif
}
inline void note_write([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t bytes) {
#if LRCN_EMULATOR_RACES
  __tsan_write_range(memory, bytes);
#endif
}

// Whoever touches the memory in between is stopped by AddressSanitizer.
inline void forbid([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t bytes) {
#if defined(__SANITIZE_ADDRESS__)
  __asan_poison_memory_region(memory, bytes);
#endif
}
inline void permit([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t bytes) {
#if defined(__SANITIZE_ADDRESS__)
  __asan_unpoison_memory_region(memory, bytes);
#endif
}

}  // namespace lrcn::cuda::emulator
