// Products of small matrices by a warp: see kernels/cuda/ptx/matrix.h.
#pragma once

#include <cstdint>
#include <source_location>

namespace lrcn::cuda::emulator {

// Eight 16-bit words of shared memory.
struct alignas(16) MatrixRow {
  std::uint16_t words[8];
};

// Throws DeviceError unless the lane's row is one of the shared memory of its block.
void check_row(const void* row, std::source_location place);
bool gives_row(int count);  // the lane that runs, for so many matrices

// What the lane that runs brings to load_matrices. Read here, by the kernel, where sanitizers see
// it.
inline MatrixRow row_of_matrix(const void* row, int count, std::source_location place) {
  if (!gives_row(count)) {
    return {};
  }
  check_row(row, place);
  return *static_cast<const MatrixRow*>(row);
}

struct LoadedMatrices {
  std::uint32_t* registers;  // [count]
  int count;
  bool transposed;
};
// words: of the lane's row, which lies at `row`.
void load_matrices(const MatrixRow& words, const void* row, const LoadedMatrices& result,
                   std::source_location place);

struct MatrixProduct {
  float* d;                // [4], added to
  const std::uint32_t* a;  // [4]
  const std::uint32_t* b;  // [2]
};
// m16n8k16 and m16n8k8. Sums run in f32, in the order of the terms.
void multiply_bf16(const MatrixProduct& product, std::source_location place);
void multiply_tf32(const MatrixProduct& product, std::source_location place);

}  // namespace lrcn::cuda::emulator
