// The instructions of kernels/cuda/ptx.h against their plain definitions.
#include "kernels/cuda/ptx.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/emulator/emulated_device.h"
#include "tests/reference/rounding.h"

namespace lrcn::test {
namespace {

using namespace lrcn::cuda;

class EmulatedPtx : public EmulatedDevice {
 protected:
  std::vector<float> read_floats(const float* data, std::int64_t count) const {
    const std::vector<std::int32_t> words =
        read(reinterpret_cast<const std::int32_t*>(data), count);
    std::vector<float> values;
    for (const std::int32_t word : words) {
      values.push_back(std::bit_cast<float>(word));
    }
    return values;
  }
  float* floats(std::int64_t count) { return reinterpret_cast<float*>(integers(count)); }
};

// y: before the copies are waited for, after the first group, after the second.
template <int kBytes>
__global__ void copy_kernel(const std::uint8_t* x, std::uint8_t* y) {
  auto* shared = dynamic_shared<std::uint8_t>();  // two copies
  copy_async<kBytes>(shared, x);
  commit_copies();
  copy_async_or_zero<kBytes>(shared + kBytes, x + kBytes, kBytes / 2);
  commit_copies();
  const auto store = [&](int part) {
    for (int i = 0; i < 2 * kBytes; ++i) {
      y[part * 2 * kBytes + i] = shared[i];
    }
  };
#if !defined(__SANITIZE_ADDRESS__)
  store(0);
#endif
  wait_for_copies<1>();
  for (int i = 0; i < kBytes; ++i) {
    y[2 * kBytes + i] = shared[i];
  }
  wait_for_copies<0>();
  store(2);
}

template <int kBytes>
void expect_copies(Context& context, std::uint8_t* x, std::uint8_t* y) {
  for (int i = 0; i < 2 * kBytes; ++i) {
    x[i] = std::uint8_t(i + 1);
  }
  launch(context, 1, 1, 2 * kBytes, copy_kernel<kBytes>, x, y);
  for (int i = 0; i < 2 * kBytes; ++i) {
#if !defined(__SANITIZE_ADDRESS__)
    EXPECT_EQ(y[i], 0xff);
#endif
    EXPECT_EQ(y[4 * kBytes + i], i < kBytes + kBytes / 2 ? i + 1 : 0);
  }
  for (int i = 0; i < kBytes; ++i) {
    EXPECT_EQ(y[2 * kBytes + i], i + 1);
  }
}

TEST_F(EmulatedPtx, CopiesArriveWhenTheirGroupIsWaitedFor) {
  auto* x = reinterpret_cast<std::uint8_t*>(integers(8));
  auto* y = reinterpret_cast<std::uint8_t*>(integers(24));
  expect_copies<4>(context_, x, y);
  expect_copies<8>(context_, x, y);
  expect_copies<16>(context_, x, y);
}

// Nobody waits for the copies; what is absent is not read.
__global__ void abandoned_copy_kernel(const std::int32_t* x, std::int32_t* y) {
  auto* shared = dynamic_shared<std::int32_t>();
  for (int i = 0; i < 8; ++i) {
    shared[i] = i;
  }
  copy_async_or_zero<16>(shared, nullptr, 0);
  copy_async<16>(shared + 4, x);
  y[blockIdx.x] = 7;
}

TEST_F(EmulatedPtx, CopiesEndWithTheirThread) {
  std::int32_t* y = integers(5);
  launch(context_, 5, 1, 32, abandoned_copy_kernel, integers(4), y);
  EXPECT_EQ(read(y, 5), std::vector<std::int32_t>(5, 7));
}

// y: [32 lanes, kCount registers of 2 words], of matrices whose word (row, column) is numbered.
template <int kCount, bool kTransposed>
__global__ void load_matrices_kernel(std::int32_t* y) {
  auto* shared = dynamic_shared<std::uint16_t>();  // [8 kCount, 24]: rows are apart
  const unsigned lane = threadIdx.x;
  for (unsigned i = lane; i < kCount * 8 * 24; i += 32) {
    shared[i] = std::uint16_t(i);
  }
  __syncthreads();
  const void* row = lane < 8 * kCount ? shared + 24 * lane : nullptr;
  const auto fragment =
      kTransposed ? load_matrices_transposed<kCount>(row) : load_matrices<kCount>(row);
  for (int i = 0; i < kCount; ++i) {
    y[(lane * kCount + i) * 2] = std::int32_t(fragment.at[i] & 0xffffu);
    y[(lane * kCount + i) * 2 + 1] = std::int32_t(fragment.at[i] >> 16);
  }
}

template <int kCount, bool kTransposed>
void expect_loaded(Context& context, std::int32_t* y) {
  launch(context, 1, 32, kCount * 8 * 24 * 2, load_matrices_kernel<kCount, kTransposed>, y);
  for (int lane = 0; lane < 32; ++lane) {
    for (int i = 0; i < kCount; ++i) {
      for (int half = 0; half < 2; ++half) {
        const int row = kTransposed ? lane % 4 * 2 + half : lane / 4;
        const int column = kTransposed ? lane / 4 : lane % 4 * 2 + half;
        EXPECT_EQ(y[(lane * kCount + i) * 2 + half], 24 * (8 * i + row) + column);
      }
    }
  }
}

TEST_F(EmulatedPtx, MatricesAreSpreadOverTheLanes) {
  std::int32_t* y = integers(256);
  for (const Schedule& order : some_schedules()) {
    schedule() = order;
    expect_loaded<1, false>(context_, y);
    expect_loaded<2, false>(context_, y);
    expect_loaded<4, false>(context_, y);
    expect_loaded<1, true>(context_, y);
    expect_loaded<2, true>(context_, y);
    expect_loaded<4, true>(context_, y);
  }
}

// d [16, 8] += a [16, 16] b [16, 8], all f32 and row-major; a and b go through shared memory as
// bf16.
__global__ void bf16_product_kernel(const float* a, const float* b, float* d) {
  auto* shared_a = dynamic_shared<std::uint32_t>();  // [16, 8 pairs]
  auto* shared_b = shared_a + 128;                   // [16, 4 pairs]
  const unsigned lane = threadIdx.x;
  for (unsigned i = lane; i < 128; i += 32) {
    shared_a[i] = bf16_pair_of(a[2 * i], a[2 * i + 1]);
  }
  for (unsigned i = lane; i < 64; i += 32) {
    shared_b[i] = bf16_pair_of(b[2 * i], b[2 * i + 1]);
  }
  __syncthreads();
  const auto x = load_matrices<4>(shared_a + lane % 16 * 8 + lane / 16 * 4);
  const auto y = load_matrices_transposed<2>(shared_b + lane % 16 * 4);
  float* at = d + lane / 4 * 8 + lane % 4 * 2;
  Sums sums = {{at[0], at[1], at[64], at[65]}};
  mma_m16n8k16_bf16(sums, x, y);
  at[0] = sums.at[0];
  at[1] = sums.at[1];
  at[64] = sums.at[2];
  at[65] = sums.at[3];
}

// The same with 8 terms in tf32, b [8 columns, 8 terms]: a word of f32 is two words of ldmatrix.
__global__ void tf32_product_kernel(const float* a, const float* b, float* d) {
  auto* shared_a = dynamic_shared<std::uint32_t>();  // [16, 8]
  auto* shared_b = shared_a + 128;                   // [8, 8]
  const unsigned lane = threadIdx.x;
  for (unsigned i = lane; i < 128; i += 32) {
    shared_a[i] = tf32_of(a[i]);
  }
  for (unsigned i = lane; i < 64; i += 32) {
    shared_b[i] = tf32_of(b[i]);
  }
  __syncthreads();
  const auto x = load_matrices<4>(shared_a + lane % 16 * 8 + lane / 16 * 4);
  const auto y = load_matrices<2>(shared_b + lane % 8 * 8 + lane / 8 % 2 * 4);
  float* at = d + lane / 4 * 8 + lane % 4 * 2;
  Sums sums = {{at[0], at[1], at[64], at[65]}};
  mma_m16n8k8_tf32(sums, x, y);
  at[0] = sums.at[0];
  at[1] = sums.at[1];
  at[64] = sums.at[2];
  at[65] = sums.at[3];
}

TEST_F(EmulatedPtx, WarpsMultiplyMatrices) {
  float* a = floats(256);
  float* b = floats(128);
  float* d = floats(128);
  for (const int terms : {16, 8}) {
    for (int i = 0; i < 16 * terms; ++i) {
      a[i] = float(i * 7 % 19 - 9);
    }
    for (int i = 0; i < 8 * terms; ++i) {
      b[i] = float(i * 5 % 23 - 11);
    }
    std::vector<float> want(128);
    for (int i = 0; i < 16; ++i) {
      for (int j = 0; j < 8; ++j) {
        d[8 * i + j] = want[std::size_t(8 * i + j)] = float(i - j);
        for (int l = 0; l < terms; ++l) {
          const float y = terms == 16 ? b[8 * l + j] : b[8 * j + l];
          want[std::size_t(8 * i + j)] += a[terms * i + l] * y;
        }
      }
    }
    launch(context_, 1, 32, 1024, terms == 16 ? bf16_product_kernel : tf32_product_kernel, a, b, d);
    EXPECT_EQ(read_floats(d, 128), want) << terms;
  }
}

TEST(Rounding, IsToNearestEven) {
  std::uint32_t bits = 1;
  for (int i = 0; i < 200000; ++i) {
    bits = bits * 1664525u + 1013904223u;
    // Every eighth one a tie of one of the two.
    const std::uint32_t pattern = i % 8 == 0   ? (bits & 0xffffe000u) | 0x1000u
                                  : i % 8 == 1 ? (bits & 0xffff0000u) | 0x8000u
                                               : bits;
    const float x = std::bit_cast<float>(pattern);
    if (std::isnan(x)) {
      continue;
    }
    ASSERT_EQ(std::bit_cast<float>(tf32_of(x)), without_bits(x, 13)) << pattern;
    const std::uint32_t pair = bf16_pair_of(x, -x);
    ASSERT_EQ(low_of_bf16_pair(pair), without_bits(x, 16)) << pattern;
    ASSERT_EQ(high_of_bf16_pair(pair), -low_of_bf16_pair(pair));
  }
}

TEST(Rounding, KeepsWhatIsNotFinite) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(std::bit_cast<float>(tf32_of(kInfinity)), kInfinity);
  EXPECT_EQ(low_of_bf16_pair(bf16_pair_of(-kInfinity, 0.0f)), -kInfinity);
  for (const std::uint32_t nan : {0x7f800001u, 0x7fffffffu, 0xff800001u, 0xffffffffu}) {
    const float x = std::bit_cast<float>(nan);
    EXPECT_TRUE(std::isnan(std::bit_cast<float>(tf32_of(x) & ~0x1fffu)));
    EXPECT_TRUE(std::isnan(high_of_bf16_pair(bf16_pair_of(0.0f, x))));
  }
  EXPECT_EQ(std::bit_cast<float>(tf32_of(std::numeric_limits<float>::max())), kInfinity);
}

// Block 0 hands numbers to block 1, one by one; y: [rounds].
__global__ void hand_over_kernel(std::uint32_t* flag, std::int32_t* box, std::int32_t* y,
                                 unsigned rounds) {
  if (threadIdx.x != 0) {
    return;
  }
  for (unsigned i = 1; i <= rounds; ++i) {
    const std::uint32_t mine = 2 * i - (blockIdx.x == 0 ? 2 : 1);
    while (load_acquire(flag) != mine) {
      spin_hint();
    }
    if (blockIdx.x == 0) {
      *box = std::int32_t(i * i);
    } else {
      y[i - 1] = *box;
    }
    store_release(flag, mine + 1);
  }
}

TEST_F(EmulatedPtx, OrderedWordsHandOverMemoryBetweenBlocks) {
  for (const Schedule& order : some_schedules()) {
    schedule() = order;
    std::int32_t* memory = integers(52);
    memory[0] = 0;
    launch(context_, 2, 32, 0, hand_over_kernel, reinterpret_cast<std::uint32_t*>(memory),
           memory + 1, memory + 2, 50u);
    for (int i = 1; i <= 50; ++i) {
      EXPECT_EQ(memory[i + 1], i * i);
    }
  }
}

__global__ void ticket_kernel(std::uint32_t* counter, std::int32_t* y) {
  const std::uint32_t ticket = fetch_add(counter, 1u);
  y[ticket] = std::int32_t(ticket);
}

TEST_F(EmulatedPtx, EveryThreadDrawsATicketOfItsOwn) {
  std::int32_t* memory = integers(1 + 5 * 64);
  memory[0] = 0;
  launch(context_, 5, 64, 0, ticket_kernel, reinterpret_cast<std::uint32_t*>(memory), memory + 1);
  EXPECT_EQ(memory[0], 5 * 64);
  for (int i = 0; i < 5 * 64; ++i) {
    EXPECT_EQ(memory[1 + i], i);
  }
}

}  // namespace
}  // namespace lrcn::test
