// What the sanitizers have to be told: which memory nobody may touch yet, and which threads have
// waited for each other. Without them, nothing.
//
// ThreadSanitizer watches the kernels but not the emulator, which is compiled without it and told
// so by LRCN_EMULATOR_RACES. Include from sources alone.
#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif
#if LRCN_EMULATOR_RACES
#include <sanitizer/tsan_interface.h>

extern "C" {
void __tsan_ignore_thread_begin();
void __tsan_ignore_thread_end();
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

// While it lives, ThreadSanitizer looks away from what the thread that runs does: the emulator's
// own work, which happens on whatever fiber comes by.
class Unwatched {
 public:
#if LRCN_EMULATOR_RACES
  Unwatched() { __tsan_ignore_thread_begin(); }
  ~Unwatched() { __tsan_ignore_thread_end(); }
#else
  Unwatched() {}
  ~Unwatched() {}
#endif
  Unwatched(const Unwatched&) = delete;
  Unwatched& operator=(const Unwatched&) = delete;
};

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
