// Which parts of a tile of a source each thread of a block brings to shared memory.
#pragma once

#include "kernels/cuda/convolution_sources.h"

namespace lrcn::cuda {

// A tile is `extent` wide along the result and `depth` long along the sums. Chunks are `lanes`
// neighbouring taps. Chunk i of a thread lies at extent_of(i), depth_of(i), and all the chunks of a
// thread share a row or a tap: it is computed once.
template <class Source, Sum sum, int extent, int depth, int lanes, int threads>
class TileReader {
 public:
  using Element = typename Source::Element;
  static constexpr int kLanes = lanes;
  static constexpr bool kAlongTaps = sum == Sum::along_taps;
  static constexpr int kDepthChunks = kAlongTaps ? depth / lanes : depth;
  static constexpr int kExtentChunks = kAlongTaps ? extent : extent / lanes;
  static constexpr int kChunks = kDepthChunks * kExtentChunks;
  static constexpr int kPasses = (kChunks + threads - 1) / threads;

  // From `first` on along the result.
  __device__ TileReader(const Source& source, std::int32_t first) : source_(source) {
    for (int i = 0; i < kFixed; ++i) {
      if constexpr (kAlongTaps) {
        fixed_[i] = source.row(first + extent_of(i));
      } else {
        fixed_[i] = source.tap(first + extent_of(i));
      }
    }
  }

  // Calls body(i, address or nullptr) for the chunks of this thread in the tile whose sums begin at
  // `begin`.
  template <class Body>
  __device__ void each(std::int32_t begin, const Body& body) const {
    if constexpr (kDepthFirst) {
      const typename Source::Tap tap = source_.tap(begin + depth_of(0));
#pragma unroll
      for (int i = 0; i < kPasses; ++i) {
        if (has(i)) {
          body(i, source_.at(fixed_[i], tap));
        }
      }
    } else {
#pragma unroll
      for (int i = 0; i < kPasses; ++i) {
        if (!has(i)) {
          continue;
        }
        if constexpr (kAlongTaps) {
          body(i, source_.at(fixed_[0], source_.tap(begin + depth_of(i))));
        } else {
          body(i, source_.at(source_.row(begin + depth_of(i)), fixed_[0]));
        }
      }
    }
  }

  __device__ static bool has(int i) {
    return kChunks % threads == 0 || int(threadIdx.x) + i * threads < kChunks;
  }
  __device__ static int extent_of(int i) {
    return (kDepthFirst ? slow(i) : fast()) * (kAlongTaps ? 1 : lanes);
  }
  __device__ static int depth_of(int i) {
    return (kDepthFirst ? fast() : slow(i)) * (kAlongTaps ? lanes : 1);
  }

  // Chunk i of thread t is number t + i threads of the block.
  __device__ static int extent_of_chunk(int chunk) {
    return (kDepthFirst ? chunk / kFast : chunk % kFast) * (kAlongTaps ? 1 : lanes);
  }
  __device__ static int depth_of_chunk(int chunk) {
    return (kDepthFirst ? chunk % kFast : chunk / kFast) * (kAlongTaps ? lanes : 1);
  }

  // An address that may be named, though not read, where there is nothing to read.
  __device__ const Element* somewhere() const { return source_.data; }

 private:
  // Neighbouring threads read what lies side by side: chunks of taps, or single elements of
  // neighbouring rows (pixels of a plain image).
  static constexpr bool kDepthFirst = kAlongTaps && lanes > 1;
  static constexpr int kFast = kDepthFirst ? kDepthChunks : kExtentChunks;
  static constexpr int kFixed = kDepthFirst ? kPasses : 1;
  static_assert(threads % kFast == 0, "all chunks of a thread have one place along the fast axis");
  using Fixed = std::conditional_t<kAlongTaps, typename Source::Row, typename Source::Tap>;

  __device__ static int fast() { return int(threadIdx.x) % kFast; }
  __device__ static int slow(int i) { return int(threadIdx.x) / kFast + i * (threads / kFast); }

  const Source& source_;
  Fixed fixed_[kFixed];
};

}  // namespace lrcn::cuda
