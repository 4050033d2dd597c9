// How a warp multiplies in shared memory: the tile of sums that it holds in registers, and the
// words that factors are.
#pragma once

#include <cmath>
#include <cstdint>
#include <type_traits>

#include "kernels/cuda/device.h"
#include "kernels/cuda/lstm_shape.h"
#include "kernels/cuda/ptx/matrix.h"
#include "kernels/cuda/ptx/rounding.h"
#include "kernels/cuda/ptx/warp.h"

namespace lrcn::cuda {

// Two neighbouring sums, at a multiple of 8 bytes: rows that are kSumPadding longer than sixteens
// lie in different banks for the lanes of half a warp.
__device__ inline void store_pair(float* to, float first, float second) {
  *reinterpret_cast<float2*>(to) = {first, second};
}

// f32 on the ordinary cores. Each lane sums up every 32nd four of terms for the whole tile, so that
// lanes read neighbours; in the end they exchange halves until each holds two whole sums.
struct F32Factors {
  static constexpr Precision kPrecision = Precision::f32;
  using Word = float;
  static constexpr LstmTile kTile = kLstmF32Tile;
  static constexpr int kRows = kTile.rows;
  static constexpr int kOutputs = kTile.outputs;
  static constexpr int kDepth = kTile.depth;
  static constexpr int kPadding = kTile.padding;

  struct alignas(16) Four {
    float at[4];
  };

  __device__ static Word word_of(float x) { return x; }

  struct Sums {
    float at[kRows * kOutputs] = {};

    // x: [kRows, depth] and w: [kOutputs, depth], rows so many words apart.
    __device__ void multiply(const Word* x, int x_stride, const Word* w, int w_stride, int depth) {
      const int lane = int(threadIdx.x % kWarpSize);
      for (int k = 4 * lane; k < depth; k += kDepth) {
        Four b[kOutputs];
#pragma unroll
        for (int j = 0; j < kOutputs; ++j) {
          b[j] = *reinterpret_cast<const Four*>(w + j * w_stride + k);
        }
#pragma unroll
        for (int r = 0; r < kRows; ++r) {
          const Four a = *reinterpret_cast<const Four*>(x + r * x_stride + k);
#pragma unroll
          for (int j = 0; j < kOutputs; ++j) {
#pragma unroll
            for (int i = 0; i < 4; ++i) {
              at[r * kOutputs + j] = std::fma(a.at[i], b[j].at[i], at[r * kOutputs + j]);
            }
          }
        }
      }
    }

    // to: [kRows, kOutputs], rows `stride` apart, at a multiple of 8 bytes. Called by all lanes.
    __device__ void store(float* to, int stride) {
      const int lane = int(threadIdx.x % kWarpSize);
      exchange<kRows * kOutputs / 2, kWarpSize / 2>(lane);
      static_assert(kRows * kOutputs == 2 * int(kWarpSize));
      store_pair(to + 2 * lane / kOutputs * stride + 2 * lane % kOutputs, at[0], at[1]);
    }

   private:
    // Of 2 kHalf sums the lanes whose bit kDistance is set keep the second half.
    template <int kHalf, int kDistance>
    __device__ void exchange(int lane) {
      const bool second = (lane & kDistance) != 0;
#pragma unroll
      for (int i = 0; i < kHalf; ++i) {
        const float low = at[i];  // not chosen by address: the sums are to stay in registers
        const float high = at[i + kHalf];
        at[i] = (second ? high : low) + shuffle_xor(second ? low : high, kDistance);
      }
      if constexpr (kDistance > 1) {
        exchange<kHalf / 2, kDistance / 2>(lane);
      }
    }
  };
};

// Factors that tensor cores multiply; a register holds two of bf16 or one of tf32.
struct Bf16Words {
  static constexpr Precision kPrecision = Precision::bf16;
  using Word = std::uint16_t;

  __device__ static Word word_of(float x) { return Word(bf16_pair_of(x, 0.0f)); }
  __device__ static void multiply(Sums& d, const Fragment<std::uint32_t, 4>& a,
                                  const Fragment<std::uint32_t, 2>& b) {
    mma_m16n8k16_bf16(d, a, b);
  }
};

struct Tf32Words {
  static constexpr Precision kPrecision = Precision::tf32;
  using Word = std::uint32_t;

  __device__ static Word word_of(float x) { return tf32_of(x); }
  __device__ static void multiply(Sums& d, const Fragment<std::uint32_t, 4>& a,
                                  const Fragment<std::uint32_t, 2>& b) {
    mma_m16n8k8_tf32(d, a, b);
  }
};

// Rounded factors on tensor cores, summed up in f32. The instruction takes 32 bytes of every row of
// x and w, whatever the words are, and its operands are matrices of 8 rows by 16 bytes.
template <class Words, const LstmTile& kTile_>
struct TensorFactors {
  static constexpr Precision kPrecision = Words::kPrecision;
  using Word = typename Words::Word;
  static constexpr LstmTile kTile = kTile_;
  static constexpr int kRows = 16;
  static constexpr int kOutputs = kTile.outputs;
  static constexpr int kWords = 16 / int(sizeof(Word));  // of a row of such a matrix
  static constexpr int kDepth = 2 * kWords;
  static constexpr int kPadding = kTile.padding;
  static constexpr int kTiles = kOutputs / 8;
  static_assert(kTile.rows == kRows && kTile.depth == kDepth && kTile.padding == kWords);
  static_assert(kTile.word_bytes == sizeof(Word) && kTiles % 2 == 0);

  __device__ static Word word_of(float x) { return Words::word_of(x); }

  struct Sums {
    lrcn::cuda::Sums at[kTiles] = {};

    __device__ void multiply(const Word* x, int x_stride, const Word* w, int w_stride, int depth) {
      // Lane l loads row l % 8 of matrix l / 8. The matrices of x: rows 0 and rows 8 of the first
      // terms, then of the others; those of w: both halves of the terms of outputs 0, then of
      // outputs 8.
      const int lane = int(threadIdx.x % kWarpSize);
      const Word* from = x + (lane / 8 % 2 * 8 + lane % 8) * x_stride + lane / 16 * kWords;
      const Word* weight = w + (lane / 16 * 8 + lane % 8) * w_stride + lane / 8 % 2 * kWords;
      for (int k = 0; k < depth; k += kDepth) {
        const Fragment<std::uint32_t, 4> a = load_matrices<4>(from + k);
#pragma unroll
        for (int j = 0; j < kTiles; j += 2) {
          const Fragment<std::uint32_t, 4> b = load_matrices<4>(weight + 8 * j * w_stride + k);
          Words::multiply(at[j], a, {b.at[0], b.at[1]});
          Words::multiply(at[j + 1], a, {b.at[2], b.at[3]});
        }
      }
    }

    __device__ void store(float* to, int stride) const {
      const int lane = int(threadIdx.x % kWarpSize);
      to += lane / 4 * stride + lane % 4 * 2;
#pragma unroll
      for (int j = 0; j < kTiles; ++j) {
        store_pair(to + 8 * j, at[j].at[0], at[j].at[1]);
        store_pair(to + 8 * stride + 8 * j, at[j].at[2], at[j].at[3]);
      }
    }
  };
};

// Calls body(Factors()) with those of a precision. T: what activations are in memory; bf16 is only
// multiplied as such.
template <class T, const LstmTile& kBf16Tile, const LstmTile& kTf32Tile, class Body>
auto with_factors(Precision precision, const Body& body) {
  if constexpr (std::is_same_v<T, float>) {
    if (precision == Precision::f32) {
      return body(F32Factors());
    }
    if (precision == Precision::tf32) {
      return body(TensorFactors<Tf32Words, kTf32Tile>());
    }
  }
  return body(TensorFactors<Bf16Words, kBf16Tile>());
}

}  // namespace lrcn::cuda
