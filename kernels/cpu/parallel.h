// Loops split among threads by size alone, so that results never depend on how many there are.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace lrcn::cpu {

// Elements worth a thread's start: 64 KiB of floats.
inline constexpr std::int64_t kChunk = 16384;

// Calls body(begin, end) for consecutive chunks of [0, size). body must not throw.
template <class Body>
void for_chunks(std::int64_t size, std::int64_t chunk, const Body& body) {
  const std::int64_t count = (size + chunk - 1) / chunk;
#pragma omp parallel for schedule(static) if (count > 1)
  for (std::int64_t i = 0; i < count; ++i) {
    body(i * chunk, std::min(size, (i + 1) * chunk));
  }
}

// Rows of `width` elements that make up a chunk.
constexpr std::int64_t row_chunk(std::int64_t width) {
  return std::max<std::int64_t>(1, kChunk / std::max<std::int64_t>(width, 1));
}

template <class Body>
void for_rows(std::int64_t rows, std::int64_t width, const Body& body) {
  for_chunks(rows, row_chunk(width), body);
}

// Joins part(begin, end) of at most 64 chunks, multiples of `grain`, from left to right. The chunks
// depend on size and grain alone.
template <class Value, class Part, class Join>
Value reduce_chunks(std::int64_t size, std::int64_t grain, const Part& part, const Join& join) {
  constexpr std::int64_t kParts = 64;
  const std::int64_t chunk =
      std::max<std::int64_t>(1, (size + kParts * grain - 1) / (kParts * grain)) * grain;
  std::array<Value, kParts> parts{};
  for_chunks(size, chunk, [&](std::int64_t begin, std::int64_t end) {
    parts[std::size_t(begin / chunk)] = part(begin, end);
  });
  Value result = parts[0];
  for (std::int64_t i = 1; i * chunk < size; ++i) {
    result = join(result, parts[std::size_t(i)]);
  }
  return result;
}

}  // namespace lrcn::cpu
