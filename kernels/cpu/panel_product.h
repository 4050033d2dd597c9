// The inner loop of products with a packed matrix: a few rows times one panel, sums in registers.
//
// A panel holds Vectors * kLanes columns of the packed matrix, front to back over k: f32 as
// [k, Vectors, kLanes], bf16 as words [k, Vectors / 2, kLanes] (simd_vector.h, load_pair).
#pragma once

#include <array>
#include <cstdint>
#include <type_traits>

#include "core/dtype.h"
#include "kernels/cpu/simd_vector.h"

namespace lrcn::cpu {

// Rows multiplied at once with panels of two vectors: enough sums to hide the latency of an
// addition, few enough to stay in registers beside a row of the panel.
inline constexpr int kTileRows = kLanes == 16 ? 8 : 6;

// Words of one k in a panel.
template <int Vectors, class Word>
inline constexpr int kPanelWords = (std::is_same_v<Word, float> ? Vectors : Vectors / 2) * kLanes;

template <int Vectors>
inline void load_panel(const float* memory, Vector (&value)[Vectors]) {
#pragma GCC unroll 8
  for (int v = 0; v < Vectors; ++v) {
    value[v] = load(memory + v * kLanes);
  }
}

template <int Vectors>
inline void load_panel(const std::uint32_t* memory, Vector (&value)[Vectors]) {
#pragma GCC unroll 8
  for (int v = 0; v < Vectors; v += 2) {
    load_pair(memory + v / 2 * kLanes, value[v], value[v + 1]);
  }
}

// Writes column `column` of row k of a panel.
template <int Vectors>
inline void store_weight(float* row, int column, float value) {
  row[column] = value;
}
template <int Vectors>
inline void store_weight(std::uint32_t* row, int column, float value) {
  const std::uint32_t bits = to_bfloat16(value).bits;
  const int vector = column / kLanes;
  std::uint32_t& word = row[vector / 2 * kLanes + column % kLanes];
  word = vector % 2 == 0 ? ((word & 0xffff0000u) | bits) : ((word & 0xffffu) | (bits << 16));
}

template <int Rows, int Vectors>
struct PanelSums {
  Vector value[Rows][Vectors] = {};
};

// sums += a times panel. a: Rows rows of k floats, `stride` apart. Every sum runs over k in order,
// so its bits do not depend on Rows.
template <int Rows, int Vectors, class Word>
inline void multiply_panel(std::int64_t k, const float* a, std::int64_t stride, const Word* panel,
                           PanelSums<Rows, Vectors>& sums) {
  PanelSums<Rows, Vectors> local = sums;
  const auto add_column = [&](std::int64_t i) {
    Vector b[Vectors];
    load_panel<Vectors>(panel + i * kPanelWords<Vectors, Word>, b);
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r) {
      const float factor = a[r * stride + i];
#pragma GCC unroll 8
      for (int v = 0; v < Vectors; ++v) {
        local.value[r][v] += b[v] * factor;
      }
    }
  };
  if constexpr (Rows <= 4) {  // a short body, where the loop's own instructions count
#pragma GCC unroll 4
    for (std::int64_t i = 0; i < k; ++i) {
      add_column(i);
    }
  } else {
    for (std::int64_t i = 0; i < k; ++i) {
      add_column(i);
    }
  }
  sums = local;
}

// Calls tile(begin, rows) for evenly high tiles of at most `most` rows: 13 are 7 + 6, not 12 + 1.
template <class Tile>
inline void for_row_tiles(std::int64_t rows, int most, const Tile& tile) {
  const std::int64_t tiles = (rows + most - 1) / most;
  for (std::int64_t i = 0; i < tiles; ++i) {
    const std::int64_t begin = rows * i / tiles;
    tile(begin, rows * (i + 1) / tiles - begin);
  }
}

// Calls body(std::integral_constant<int, rows>) for 1 <= rows <= Most.
template <int Most, class Body>
inline void with_constant(std::int64_t rows, const Body& body) {
  if constexpr (Most > 1) {
    if (rows < Most) {
      with_constant<Most - 1>(rows, body);
      return;
    }
  }
  body(std::integral_constant<int, Most>{});
}

}  // namespace lrcn::cpu
