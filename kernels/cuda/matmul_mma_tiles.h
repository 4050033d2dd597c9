// Tiles of the factors of a matrix product in shared memory, for mma.sync. They lie there as they
// lie in memory: bf16 goes straight into registers by ldmatrix, f32 is rounded on its way there.
#pragma once

#include "core/precision.h"
#include "kernels/cuda/matmul_parts.h"
#include "kernels/cuda/ptx.h"

namespace lrcn::cuda {

// One factor as [extent, terms]. `pitch`: from one stored line to the next. `together`: so many
// neighbours may be copied at once, in all lines.
template <class Element>
struct MmaOperand {
  const Element* data;
  std::int64_t extent;
  std::int64_t terms;
  int pitch;
  int together;
};

// How tiles of both factors are copied: 16 bytes at a time or less. A kernel for each, as one that
// asks has too few registers for its sums.
enum class MmaCopies : std::uint8_t { wide, narrow };

// How many warps a tile has, along m and along n, and what each of them computes.
template <int kExtent>
struct MmaWarps {
  static constexpr int kAlongM = 2;
  static constexpr int kAlongN = kExtent == 128 ? 4 : 2;
  static constexpr int kThreads = kAlongM * kAlongN * int(kWarpSize);
  static constexpr int kTilesM = kExtent / kAlongM / 16;
  static constexpr int kTilesN = kExtent / kAlongN / 8;
};

// Where a tile lies and how it comes there. `kAlongTerms`: neighbours in memory are neighbouring
// terms. `kPad` elements at the end of a line keep the lanes that read a fragment in different
// banks.
template <class ElementOf, int kExtent, bool kAlongTerms, int kPad>
struct MmaTilePlace {
  using Element = ElementOf;
  static constexpr int kDepth = 64 / int(sizeof(Element));  // terms of a tile
  static constexpr int kStride = (kAlongTerms ? kDepth : kExtent) + kPad;
  static constexpr int kElements = kStride * (kAlongTerms ? kExtent : kDepth);
  static constexpr int kThreads = MmaWarps<kExtent>::kThreads;
  static constexpr int kMostTogether = 16 / int(sizeof(Element));

  __device__ static int offset(int e, int l) {
    return kAlongTerms ? e * kStride + l : l * kStride + e;
  }

  // What the tiles of a block are copied from: the terms of a run, in the rows of the tile.
  struct Lines {
    const Element* data;
    int rows;
    int terms;
  };
  __device__ static Lines lines(const MmaOperand<Element>& from, std::int64_t row,
                                std::int64_t begin, std::int64_t end) {
    return {from.data + (kAlongTerms ? row * from.pitch + begin : begin * from.pitch + row),
            at_most(from.extent - row, kExtent), int(end - begin)};
  }

  // Zeros beyond the lines.
  template <MmaCopies kCopies>
  __device__ static void copy(Element* tile, const MmaOperand<Element>& from, const Lines& lines,
                              int first_term) {
    constexpr int kFewTogether = 4 / int(sizeof(Element));  // what cp.async moves at least
    const Part part{lines.data + std::int64_t(first_term) * (kAlongTerms ? 1 : from.pitch),
                    from.pitch, lines.rows, at_most(lines.terms - first_term, kDepth)};
    if constexpr (kCopies == MmaCopies::wide) {
      copy_chunks<kMostTogether>(tile, part);
    } else if (from.together >= kFewTogether) {
      copy_chunks<kFewTogether>(tile, part);
    } else {
      copy_chunks<1>(tile, part);
    }
  }

 private:
  // Of a matrix: what fills a tile, or less.
  struct Part {
    const Element* data;
    int line;  // from one line to the next
    int rows;
    int terms;
  };
  __device__ static int at_most(std::int64_t count, int most) {
    return count < most ? int(count) : most;
  }

  // Those of this thread, of `kTogether` elements each.
  template <int kTogether>
  __device__ static void copy_chunks(Element* tile, const Part& part) {
    constexpr int kBytes = kTogether * int(sizeof(Element));
    constexpr int kLine = (kAlongTerms ? kDepth : kExtent) / kTogether;
    constexpr int kChunks = kExtent * kDepth / kTogether / kThreads;
    // Few at a time is the way of odd sizes: not worth the registers for many addresses, unless
    // they are loads that are waited for.
    [[maybe_unused]] constexpr int kUnrolled = kBytes == 16 ? kChunks : kBytes == 4 ? 1 : 4;
#pragma unroll kUnrolled
    for (int i = 0; i < kChunks; ++i) {
      const int chunk = i * kThreads + int(threadIdx.x);
      const int across = chunk / kLine;
      const int along = chunk % kLine * kTogether;
      const int left = (kAlongTerms ? part.terms : part.rows) - along;
      const bool inside = left > 0 && across < (kAlongTerms ? part.rows : part.terms);
      const Element* from = part.data + (inside ? std::int64_t(across) * part.line + along : 0);
      Element* to = tile + across * kStride + along;
      if constexpr (kBytes >= 4) {
        const int present = !inside ? 0 : left < kTogether ? left : kTogether;
        copy_async_or_zero<kBytes>(to, from, present * int(sizeof(Element)));
      } else {
        *to = inside ? *from : Element{};
      }
    }
  }
};

template <Precision kPrecision>
inline constexpr int kMmaTerms = kPrecision == Precision::bf16 ? 16 : 8;  // of one mma

// Fragments as in kernels/cuda/ptx/matrix.h, for the kMmaTerms terms from l on; of b those of two
// neighbouring 8 columns, one behind the other.
template <class Element, Precision kPrecision, int kExtent, bool kAlongTerms>
struct MmaTile : MmaTilePlace<Element, kExtent, kAlongTerms,
                              (kPrecision == Precision::bf16) == kAlongTerms ? 8 : 4> {
  static constexpr bool kBf16 = kPrecision == Precision::bf16;

  __device__ static Fragment<std::uint32_t, 4> left(const float* tile, int row, int l) {
    const int e = row + lane() / 4;
    const int first = l + first_term();
    const int second = first + kMmaTerms<kPrecision> / 2;
    return {{rounded(tile, e, first), rounded(tile, e + 8, first), rounded(tile, e, second),
             rounded(tile, e + 8, second)}};
  }
  __device__ static Fragment<std::uint32_t, 4> right(const float* tile, int column, int l) {
    const int e = column + lane() / 4;
    const int first = l + first_term();
    const int second = first + kMmaTerms<kPrecision> / 2;
    return {{rounded(tile, e, first), rounded(tile, e, second), rounded(tile, e + 8, first),
             rounded(tile, e + 8, second)}};
  }

 private:
  using MmaTile::MmaTilePlace::offset;

  __device__ static int lane() { return int(threadIdx.x % kWarpSize); }
  __device__ static int first_term() { return lane() % 4 * (kMmaTerms<kPrecision> / 8); }

  // What one register holds: in bf16 terms l and l+1 (l even), in tf32 term l.
  __device__ static std::uint32_t rounded(const float* tile, int e, int l) {
    if constexpr (!kBf16) {
      return tf32_of(tile[offset(e, l)]);
    } else if constexpr (kAlongTerms) {
      const float2 pair = *reinterpret_cast<const float2*>(tile + offset(e, l));
      return bf16_pair_of(pair.x, pair.y);
    } else {
      return bf16_pair_of(tile[offset(e, l)], tile[offset(e, l + 1)]);
    }
  }
};

template <int kExtent, bool kAlongTerms>
struct MmaTile<BFloat16, Precision::bf16, kExtent, kAlongTerms>
    : MmaTilePlace<BFloat16, kExtent, kAlongTerms, 8> {
  __device__ static Fragment<std::uint32_t, 4> left(const BFloat16* tile, int row, int l) {
    return load(tile, row + lane() / 8 % 2 * 8, l + lane() / 16 * 8);
  }
  __device__ static Fragment<std::uint32_t, 4> right(const BFloat16* tile, int column, int l) {
    return load(tile, column + lane() / 16 * 8, l + lane() / 8 % 2 * 8);
  }

 private:
  using MmaTile::MmaTilePlace::offset;

  __device__ static int lane() { return int(threadIdx.x % kWarpSize); }

  // (e, l): the first element of the matrix to which this lane gives a row.
  __device__ static Fragment<std::uint32_t, 4> load(const BFloat16* tile, int e, int l) {
    if constexpr (kAlongTerms) {
      return load_matrices<4>(tile + offset(e + lane() % 8, l));
    } else {
      return load_matrices_transposed<4>(tile + offset(e, l + lane() % 8));
    }
  }
};

}  // namespace lrcn::cuda
