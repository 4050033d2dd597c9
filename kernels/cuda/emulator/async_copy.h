// Copies that complete late: see kernels/cuda/ptx/copy.h.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <source_location>

namespace lrcn::cuda::emulator {

struct AsyncCopy {
  void* shared;
  const void* global;
  int bytes;
  int present;  // the others become zeros
};
using CopiedBytes = std::array<std::byte, 16>;

// Throws DeviceError for addresses that are no multiples of `bytes` or not in the shared memory of
// the block. Returns what the target holds until the copy is waited for.
int check_copy(const AsyncCopy& copy, std::source_location place);
void add_copy(const AsyncCopy& copy, const CopiedBytes& value, std::source_location place);
void commit_copies();
// Throws DeviceError when the target or the source of a copy was written before.
void wait_for_copies(int pending);

// Reads and writes here, in the code of the kernel, where sanitizers see the line; by words that
// are volatile, as ThreadSanitizer does not see memcpy and memset of few bytes.
template <int kBytes>
void copy_async(void* shared, const void* global, int present, std::source_location place) {
  constexpr int kWord = sizeof(std::uint32_t);
  const AsyncCopy copy{shared, global, kBytes, present};
  const int poison = check_copy(copy, place);
  CopiedBytes value{};
  for (int i = 0; i < present / kWord; ++i) {
    const std::uint32_t word = static_cast<const volatile std::uint32_t*>(global)[i];
    std::memcpy(value.data() + i * kWord, &word, kWord);
  }
  for (int i = present / kWord * kWord; i < present; ++i) {
    value[std::size_t(i)] = static_cast<const std::byte*>(global)[i];
  }
  for (int i = 0; i < kBytes / kWord; ++i) {
    static_cast<volatile std::uint32_t*>(shared)[i] = 0x01010101u * std::uint32_t(poison);
  }
  add_copy(copy, value, place);
}

}  // namespace lrcn::cuda::emulator
