// Which parts of a tile of a source each thread of a block brings to shared memory.
#pragma once

#include <algorithm>
#include <type_traits>

#include "kernels/cuda/convolution_sources.h"

namespace lrcn::cuda {

// Neighbouring taps of a row: elements, or zeros where they are not inside, for then the address is
// but a number.
template <class Element>
struct SourceChunk {
  const Element* address;
  bool inside;
};

// A tile is `extent` wide along the result and `depth` long along the sums. Chunks are `lanes`
// neighbouring taps. Chunk i of a thread lies at extent_of(i), depth_of(i). Those of several taps
// have one place along the sums, unless a thread would then write half a line of 128 bytes; others
// have one along the result. What belongs to it is computed once for all of them.
template <class Source, Sum sum, int extent, int depth, int lanes, int threads>
class TileReader {
 public:
  using Element = typename Source::Element;
  using Chunk = SourceChunk<Element>;
  static constexpr int kLanes = lanes;
  static constexpr bool kAlongTaps = sum == Sum::along_taps;
  static constexpr int kDepthChunks = kAlongTaps ? depth / lanes : depth;
  static constexpr int kExtentChunks = kAlongTaps ? extent : extent / lanes;
  static constexpr int kChunks = kDepthChunks * kExtentChunks;
  static constexpr int kPasses = (kChunks + threads - 1) / threads;

  // From `first` on along the result, and from `begin` on along the sums.
  __device__ TileReader(const Source& source, std::int32_t first, std::int32_t begin)
      : source_(source), begin_(begin + (kOnePlace ? depth_of(0) : 0)) {
    for (int i = 0; i < kFixed; ++i) {
      if constexpr (kAlongTaps) {
        fixed_[i] = source.row(first + extent_of(i));
      } else {
        fixed_[i] = source.tap(first + extent_of(i));
      }
    }
    if constexpr (kMovesRows) {
      std::int32_t distance = begin_;
      if constexpr (Source::kHasPixels) {
        distance += enter_pixel();
      }
      move_rows(distance);
    }
  }

  // Calls body(i, chunk) for the chunks of this thread in the tile, and goes on to the next tile.
  template <class Body>
  __device__ void each(const Body& body) {
    if constexpr (kMovesRows) {
      each_of_rows(body);
    } else if constexpr (kOnePlace) {
      const Row row = source_.row(begin_);
#pragma unroll
      for (int i = 0; i < kPasses; ++i) {
        if (has(i)) {
          body(i, joined(row, fixed_[i]));
        }
      }
    } else {
#pragma unroll
      for (int i = 0; i < kPasses; ++i) {
        if (!has(i)) {
          continue;
        }
        if constexpr (kAlongTaps) {
          body(i, joined(fixed_[0], source_.tap(begin_ + depth_of(i))));
        } else {
          body(i, joined(source_.row(begin_ + depth_of(i)), fixed_[0]));
        }
      }
    }
    begin_ += depth;
    if constexpr (kMovesRows) {
      std::int32_t distance = depth;
      if constexpr (Source::kHasPixels) {
        distance += begin_ >= pixel_end_ ? enter_pixel() : 0;
      }
      move_rows(distance);
    }
  }

  __device__ static bool has(int i) {
    return kChunks % threads == 0 || int(threadIdx.x) + i * threads < kChunks;
  }
  // Chunk i of thread t is number t + i threads of the block.
  __device__ static int extent_of(int i) { return extent_of_chunk(int(threadIdx.x), i); }
  __device__ static int depth_of(int i) { return depth_of_chunk(int(threadIdx.x), i); }
  __device__ static int extent_of_chunk(int thread, int i) {
    const int along = kMovesRows ? line(thread) : thread % kLine;
    return (along + (kOnePlace ? i * kPassStep : 0)) * (kAlongTaps ? 1 : lanes);
  }
  __device__ static int depth_of_chunk(int thread, int i) {
    const int along = kMovesRows ? thread % kLine : line(thread);
    return (along + (kOnePlace ? 0 : i * kPassStep)) * (kAlongTaps ? lanes : 1);
  }

 private:
  static constexpr bool kOnePlace = lanes > 1 && (kAlongTaps || threads / depth >= 8);
  // So many neighbouring threads read what lies side by side: chunks of taps, or single elements of
  // neighbouring rows (pixels of a plain image).
  static constexpr int kLine = !kOnePlace   ? kExtentChunks
                               : kAlongTaps ? kDepthChunks
                                            : std::min(kExtentChunks, threads / depth);
  static constexpr int kPassStep = kOnePlace && !kAlongTaps ? kLine : threads / kLine;
  static_assert(threads % kLine == 0);
  static_assert(kPasses == 1 || kPasses * kPassStep == (kOnePlace ? kExtentChunks : kDepthChunks));
  static constexpr bool kMovesRows = kOnePlace && kAlongTaps;
  static constexpr int kFixed = kOnePlace && (Source::kHasPixels || !kAlongTaps) ? kPasses : 1;
  using Row = typename Source::Row;
  using Tap = typename Source::Tap;

  // Eight lanes go to shared memory together. Where they are two lines, these are four apart: at
  // pitches of an odd number of chunks the second line is in the banks that the first one leaves.
  __device__ static int line(int thread) {
    const int number = thread / kLine;
    return lanes > 1 && kLine == 4 ? number / 8 * 8 + number % 2 * 4 + number % 8 / 2 : number;
  }

  __device__ Chunk joined(const Row& row, const Tap& tap) const {
    return {row.begin + tap.offset, source_.inside(row, tap)};
  }

  // All have one tap, and have moved there.
  template <class Body>
  __device__ void each_of_rows(const Body& body) {
#pragma unroll
    for (int i = 0; i < kPasses; ++i) {
      if (has(i)) {
        if constexpr (Source::kHasPixels) {
          body(i, Chunk{fixed_[i].begin, inside_[i]});
        } else {
          const Row row = source_.neighbour(fixed_[0], i * kPassStep);
          body(i, Chunk{row.begin, source_.inside(row, source_.tap(begin_))});
        }
      }
    }
  }
  // Returns by how much the rows have to move more than their taps' numbers say.
  __device__ std::int32_t enter_pixel() {
    const Tap tap = source_.tap(begin_);
    const std::int32_t before = ahead_;
    ahead_ = tap.offset - begin_;
    pixel_end_ = source_.pixel_end(begin_);
    for (int i = 0; i < kPasses; ++i) {
      inside_[i] = source_.inside(fixed_[i], tap);
    }
    return ahead_ - before;
  }
  __device__ void move_rows(std::int32_t distance) {
    for (int i = 0; i < kFixed; ++i) {
      fixed_[i].begin += distance;
    }
  }

  const Source& source_;
  std::int32_t begin_;  // of the tile along the sums, where it has one place that place
  std::conditional_t<kAlongTaps, Row, Tap> fixed_[kFixed];
  // Of rows that move over pixels: how much further than the number of the tap they have moved,
  // where the pixel ends, and whether it is inside.
  std::int32_t ahead_ = 0;
  std::int32_t pixel_end_ = 0;
  bool inside_[kPasses];
};

}  // namespace lrcn::cuda
