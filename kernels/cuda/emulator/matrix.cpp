#include "kernels/cuda/emulator/matrix.h"

#include <bit>
#include <cmath>

#include "core/error.h"
#include "kernels/cuda/emulator/bank_traffic.h"
#include "kernels/cuda/emulator/grid.h"

namespace lrcn::cuda::emulator {
namespace {

constexpr unsigned kLanes = 32;
constexpr int kRows = 16;
constexpr int kColumns = 8;

struct LoadSlot {
  MatrixRow words;
  const void* row;
  LoadedMatrices result;
  Site site;
};

void count_turns(BankTraffic& traffic, void* const* slots) {
  const auto& first = *static_cast<const LoadSlot*>(slots[0]);
  for (int matrix = 0; matrix < first.result.count; ++matrix) {
    const void* rows[8];
    for (int row = 0; row < 8; ++row) {
      rows[row] = static_cast<const LoadSlot*>(slots[8 * matrix + row])->row;
    }
    traffic.add(first.site, rows);
  }
}

void combine_load(void* const* slots, std::uint32_t) {
  const auto slot = [&](unsigned lane) { return static_cast<const LoadSlot*>(slots[lane]); };
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    const LoadedMatrices& result = slot(lane)->result;
    const unsigned g = lane / 4;
    const unsigned t = lane % 4;
    for (unsigned i = 0; i < unsigned(result.count); ++i) {
      const auto word = [&](unsigned row, unsigned column) {
        return std::uint32_t(slot(8 * i + row)->words.words[column]);
      };
      result.registers[i] = result.transposed ? word(2 * t, g) | word(2 * t + 1, g) << 16
                                              : word(g, 2 * t) | word(g, 2 * t + 1) << 16;
    }
  }
  if (BankTraffic* traffic = Grid::current().bank_traffic()) {
    count_turns(*traffic, slots);
  }
}

// d[16][8] += a[16][kTerms] b[kTerms][8]
template <int kTerms>
void multiply(void* const* slots, const float (&a)[kRows][kTerms],
              const float (&b)[kTerms][kColumns]) {
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    float* d = static_cast<const MatrixProduct*>(slots[lane])->d;
    for (unsigned i = 0; i < 4; ++i) {
      const unsigned row = lane / 4 + (i < 2 ? 0 : 8);
      const unsigned column = lane % 4 * 2 + i % 2;
      float sum = d[i];
      for (int l = 0; l < kTerms; ++l) {
        sum = std::fma(a[row][l], b[l][column], sum);
      }
      d[i] = sum;
    }
  }
}

float bf16_half(std::uint32_t word, unsigned half) {
  return std::bit_cast<float>(half == 0 ? word << 16 : word & 0xffff0000u);
}

void combine_bf16(void* const* slots, std::uint32_t) {
  float a[kRows][16];
  float b[16][kColumns];
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    const auto& product = *static_cast<const MatrixProduct*>(slots[lane]);
    const unsigned g = lane / 4;
    const unsigned t = lane % 4;
    for (unsigned half = 0; half < 2; ++half) {
      for (unsigned i = 0; i < 4; ++i) {
        a[g + i % 2 * 8][2 * t + half + i / 2 * 8] = bf16_half(product.a[i], half);
      }
      for (unsigned i = 0; i < 2; ++i) {
        b[2 * t + half + i * 8][g] = bf16_half(product.b[i], half);
      }
    }
  }
  multiply(slots, a, b);
}

float tf32_value(std::uint32_t word) { return std::bit_cast<float>(word & ~0x1fffu); }

void combine_tf32(void* const* slots, std::uint32_t) {
  float a[kRows][8];
  float b[8][kColumns];
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    const auto& product = *static_cast<const MatrixProduct*>(slots[lane]);
    const unsigned g = lane / 4;
    const unsigned t = lane % 4;
    for (unsigned i = 0; i < 4; ++i) {
      a[g + i % 2 * 8][t + i / 2 * 4] = tf32_value(product.a[i]);
    }
    for (unsigned i = 0; i < 2; ++i) {
      b[t + i * 4][g] = tf32_value(product.b[i]);
    }
  }
  multiply(slots, a, b);
}

using Combine = void (*)(void* const* slots, std::uint32_t arrived);

void meet(void* slot, Combine combine, const Site& site) {
  Grid::current().wait_at_meeting(
      {.mask = 0xffffffffu, .slot = slot, .combine = combine, .whole_warp = true}, site);
}

}  // namespace

bool gives_row(int count) { return int(Grid::current().lane()) < 8 * count; }

void check_row(const void* row, std::source_location place) {
  Grid::current().check_shared(row, sizeof(MatrixRow), {"ldmatrix", place});
}

void load_matrices(const MatrixRow& words, const void* row, const LoadedMatrices& result,
                   std::source_location place) {
  LoadSlot slot{words, row, result, {"ldmatrix", place}};
  meet(&slot, combine_load, slot.site);
}

void multiply_bf16(const MatrixProduct& product, std::source_location place) {
  MatrixProduct slot = product;
  meet(&slot, combine_bf16, {"mma", place});
}

void multiply_tf32(const MatrixProduct& product, std::source_location place) {
  MatrixProduct slot = product;
  meet(&slot, combine_tf32, {"mma", place});
}

}  // namespace lrcn::cuda::emulator
