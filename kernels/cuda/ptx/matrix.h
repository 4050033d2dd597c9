// Products of small matrices by a warp, and loading their operands: all 32 lanes call together.
//
// Which lane holds what (PTX ISA, "Matrix Fragments for mma.m16n8k16" and "... mma.m16n8k8"), with
// g = lane / 4 and t = lane % 4:
//
//   d [16, 8] f32     d0 d1 (g, 2t) (g, 2t+1); d2 d3 the same of row g+8
//
//   a [16, 16] bf16   a0 (g, 2t) (g, 2t+1); a1 row g+8; a2 row g, columns + 8; a3 both
//
//   b [16, 8] bf16    b0 (2t, g) (2t+1, g); b1 rows + 8
//
//   a [16, 8] tf32    a0 (g, t); a1 (g+8, t); a2 (g, t+4); a3 (g+8, t+4)
//
//   b [8, 8] tf32     b0 (t, g); b1 (t+4, g)
//
// The lower half of a register comes first.
#pragma once

#include <cstdint>

#include "kernels/cuda/ptx/copy.h"

#if LRCN_CUDA_EMULATED
#include "kernels/cuda/emulator/matrix.h"
#endif

namespace lrcn::cuda {

// The registers of a lane that hold its part of a matrix.
template <class T, int kCount>
struct Fragment {
  T at[kCount];
};
using Sums = Fragment<float, 4>;

#if LRCN_CUDA_EMULATED

// Loads 1, 2 or 4 matrices of 8 x 8 16-bit words from shared memory: lane l gives the address of
// row l % 8 of matrix l / 8, a multiple of 16 bytes; lanes beyond the matrices give anything.
// Register i gets words (g, 2t) and (g, 2t+1) of matrix i.
template <int kCount>
Fragment<std::uint32_t, kCount> load_matrices(
    const void* row, std::source_location place = std::source_location::current()) {
  Fragment<std::uint32_t, kCount> result;
  emulator::load_matrices(emulator::row_of_matrix(row, kCount, place), row,
                          {result.at, kCount, false}, place);
  return result;
}

// The same of the transposed matrices: register i gets words (2t, g) and (2t+1, g).
template <int kCount>
Fragment<std::uint32_t, kCount> load_matrices_transposed(
    const void* row, std::source_location place = std::source_location::current()) {
  Fragment<std::uint32_t, kCount> result;
  emulator::load_matrices(emulator::row_of_matrix(row, kCount, place), row,
                          {result.at, kCount, true}, place);
  return result;
}

// d += a b with a [16, 16] and b [16, 8] in bf16.
inline void mma_m16n8k16_bf16(Sums& d, const Fragment<std::uint32_t, 4>& a,
                              const Fragment<std::uint32_t, 2>& b,
                              std::source_location place = std::source_location::current()) {
  emulator::multiply_bf16({d.at, a.at, b.at}, place);
}

// d += a b with a [16, 8] and b [8, 8] in tf32: the lower 13 bits of a factor count for nothing.
inline void mma_m16n8k8_tf32(Sums& d, const Fragment<std::uint32_t, 4>& a,
                             const Fragment<std::uint32_t, 2>& b,
                             std::source_location place = std::source_location::current()) {
  emulator::multiply_tf32({d.at, a.at, b.at}, place);
}

#else

template <int kCount>
__device__ __forceinline__ Fragment<std::uint32_t, kCount> load_matrices(const void* row) {
  static_assert(kCount == 1 || kCount == 2 || kCount == 4);
  Fragment<std::uint32_t, kCount> r;
  if constexpr (kCount == 1) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%0}, [%1];"
                 : "=r"(r.at[0])
                 : "r"(shared_address(row))
                 : "memory");
  } else if constexpr (kCount == 2) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%0, %1}, [%2];"
                 : "=r"(r.at[0]), "=r"(r.at[1])
                 : "r"(shared_address(row))
                 : "memory");
  } else {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(r.at[0]), "=r"(r.at[1]), "=r"(r.at[2]), "=r"(r.at[3])
                 : "r"(shared_address(row))
                 : "memory");
  }
  return r;
}

template <int kCount>
__device__ __forceinline__ Fragment<std::uint32_t, kCount> load_matrices_transposed(
    const void* row) {
  static_assert(kCount == 1 || kCount == 2 || kCount == 4);
  Fragment<std::uint32_t, kCount> r;
  if constexpr (kCount == 1) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x1.trans.shared.b16 {%0}, [%1];"
                 : "=r"(r.at[0])
                 : "r"(shared_address(row))
                 : "memory");
  } else if constexpr (kCount == 2) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0, %1}, [%2];"
                 : "=r"(r.at[0]), "=r"(r.at[1])
                 : "r"(shared_address(row))
                 : "memory");
  } else {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(r.at[0]), "=r"(r.at[1]), "=r"(r.at[2]), "=r"(r.at[3])
                 : "r"(shared_address(row))
                 : "memory");
  }
  return r;
}

__device__ __forceinline__ void mma_m16n8k16_bf16(Sums& d, const Fragment<std::uint32_t, 4>& a,
                                                  const Fragment<std::uint32_t, 2>& b) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
      "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(d.at[0]), "+f"(d.at[1]), "+f"(d.at[2]), "+f"(d.at[3])
      : "r"(a.at[0]), "r"(a.at[1]), "r"(a.at[2]), "r"(a.at[3]), "r"(b.at[0]), "r"(b.at[1]));
}

__device__ __forceinline__ void mma_m16n8k8_tf32(Sums& d, const Fragment<std::uint32_t, 4>& a,
                                                 const Fragment<std::uint32_t, 2>& b) {
  asm volatile(
      "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 "
      "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(d.at[0]), "+f"(d.at[1]), "+f"(d.at[2]), "+f"(d.at[3])
      : "r"(a.at[0]), "r"(a.at[1]), "r"(a.at[2]), "r"(a.at[3]), "r"(b.at[0]), "r"(b.at[1]));
}

#endif

}  // namespace lrcn::cuda
