// Runs operations on the CPU and on a CUDA device, real or emulated, from the same values.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <optional>
#include <type_traits>
#include <vector>

#include "core/cuda/device_info.h"
#include "core/transfer.h"
#include "tests/kernels/test_tensor.h"
#include "tests/kernels/thread_order.h"

namespace lrcn::test {

// One tensor on each of the two devices. bf16 memory of the device is f32 on the CPU, which holds
// the same rounded values.
struct Twin {
  OwnedTensor cpu;
  OwnedTensor cuda;
  std::vector<std::byte> start;   // what every run begins with
  std::vector<std::byte> result;  // of the last run on the device

  bool is_bf16() const { return cuda.tensor.spec.dtype == DType::bf16; }
};

inline std::vector<BFloat16> narrowed(std::span<const float> values) {
  std::vector<BFloat16> narrow;
  for (const float value : values) {
    narrow.push_back(to_bfloat16(value));
  }
  return narrow;
}

// bytes: of bf16.
inline std::vector<float> widened(const std::vector<std::byte>& bytes) {
  std::vector<float> values(bytes.size() / sizeof(BFloat16));
  for (std::size_t i = 0; i < values.size(); ++i) {
    BFloat16 narrow;
    std::memcpy(&narrow, bytes.data() + i * sizeof(narrow), sizeof(narrow));
    values[i] = to_float(narrow);
  }
  return values;
}

// Skipped, with the reason, where there is no device.
class CudaAgreement : public testing::Test {
 protected:
  static constexpr int kRuns = kThreadOrders;  // on the device

  void SetUp() override {
    const std::string problem = cuda::find_platform().problem;
    if (!problem.empty()) {
      GTEST_SKIP() << problem;
    }
    cuda_.emplace(Device::cuda(0));
  }

  // spec: f32, or bf16 for values that are rounded first.
  Twin& floats(const TensorSpec& spec, const std::vector<float>& values) {
    if (spec.dtype == DType::bf16) {
      return add(spec, narrowed(values).data(), values.size() * sizeof(BFloat16));
    }
    return add(spec, values.data(), values.size() * sizeof(float));
  }
  Twin& integers(const Shape& shape, const std::vector<std::int32_t>& values) {
    return add({shape, DType::i32}, values.data(), values.size() * sizeof(std::int32_t));
  }
  Twin& bytes(const TensorSpec& spec, const std::vector<std::uint8_t>& values) {
    return add(spec, values.data(), values.size());
  }
  Twin& random(const TensorSpec& spec, std::uint64_t seed, float low = -1.0f, float high = 1.0f) {
    const auto count = std::int64_t(spec.bytes() / size_of(spec.dtype));
    return floats(spec, random_floats(count, seed, low, high));
  }
  // NaN, or -1: what is not written shows.
  Twin& blank(const TensorSpec& spec) {
    const std::vector<std::uint8_t> bytes(spec.bytes(), 0xff);
    return add(spec, bytes.data(), bytes.size());
  }

  // Calls body(context, on) on the CPU and on the device, where on(twin) is the tensor of that
  // device. Each run starts from the same values and the same StepState. All runs on the device
  // must leave the same bits.
  template <class Body>
  void run(const Body& body) {
    prepare(cpu_);
    body(cpu_, [](const Twin& twin) { return twin.cpu.tensor; });
    run_on_cuda(body);
  }

  // The same on the device alone.
  template <class Body>
  void run_on_cuda(const Body& body) {
    for (int i = 0; i < kRuns; ++i) {
      set_thread_order(*cuda_, i);
      prepare(*cuda_);
      body(*cuda_, [](const Twin& twin) { return twin.cuda.tensor; });
      cuda_->synchronize();
      for (Twin& twin : twins_) {
        std::vector<std::byte> bytes(twin.start.size());
        download(bytes.data(), twin.cuda.tensor);
        EXPECT_TRUE(i == 0 || bytes == twin.result)
            << twin.cuda.tensor.spec << " differs in run " << i;
        twin.result = std::move(bytes);
      }
    }
  }

  // For a body that reads what it has written: rounds it on the CPU as memory of the device does.
  static void settle(const Context& context, const Twin& twin) {
    if (context.device().is_cpu() && twin.is_bf16()) {
      for (float& value : twin.cpu.tensor.span<float>()) {
        value = to_float(to_bfloat16(value));
      }
    }
  }

  template <class T>
  std::vector<T> on_cpu(const Twin& twin) const {
    const std::span<T> values = twin.cpu.tensor.span<T>();
    return {values.begin(), values.end()};
  }
  // T: the element type, or float for bf16.
  template <class T>
  std::vector<T> on_cuda(const Twin& twin) const {
    if constexpr (std::is_same_v<T, float>) {
      if (twin.is_bf16()) {
        return widened(twin.result);
      }
    }
    std::vector<T> values(twin.result.size() / sizeof(T));
    if (!values.empty()) {
      std::memcpy(values.data(), twin.result.data(), twin.result.size());
    }
    return values;
  }

  // The bits of the CPU; for bf16 those of its rounded values, where any NaN is as good as another.
  void expect_same(const Twin& twin) const {
    if (twin.is_bf16()) {
      const std::vector<float> want = on_cpu<float>(twin);
      const auto got = on_cuda<BFloat16>(twin);
      ASSERT_EQ(got.size(), want.size());
      for (std::size_t i = 0; i < got.size(); ++i) {
        ASSERT_TRUE(got[i].bits == to_bfloat16(want[i]).bits ||
                    (std::isnan(to_float(got[i])) && std::isnan(want[i])))
            << "at " << i << ": " << to_float(got[i]) << ", expected " << want[i] << " rounded";
      }
      return;
    }
    const auto* begin = static_cast<const std::byte*>(twin.cpu.tensor.data);
    expect_same_bits(twin.result, {begin, begin + twin.cpu.tensor.bytes()});
  }
  // |cuda - cpu| <= absolute + relative |cpu|, and for bf16 what rounding to it may add; NaN and
  // infinities in the same places.
  void expect_close(const Twin& twin, double absolute, double relative) const {
    constexpr double kRounding = 0x1p-8;
    if (!twin.is_bf16()) {
      expect_within(twin, on_cpu<float>(twin), absolute, relative);
    } else {
      expect_within(twin, on_cpu<float>(twin), absolute * (1.0 + kRounding),
                    relative * (1.0 + kRounding) + kRounding);
    }
  }

  Context& cuda_context() { return *cuda_; }
  Context& cpu_context() { return cpu_; }

  // The order of emulated threads from now on, one for each run.
  void set_order(int run) { set_thread_order(*cuda_, run); }

  StepState state_;  // that runs start with

 private:
  Twin& add(const TensorSpec& spec, const void* values, std::size_t bytes) {
    check(bytes == spec.bytes(), "test: ", spec, " needs ", spec.bytes(), " bytes, got ", bytes);
    Twin& twin = twins_.emplace_back();
    TensorSpec cpu_spec = spec;
    cpu_spec.dtype = spec.dtype == DType::bf16 ? DType::f32 : spec.dtype;
    twin.cpu = OwnedTensor(Device::cpu(), cpu_spec);
    twin.cuda = OwnedTensor(Device::cuda(0), spec);
    const auto* begin = static_cast<const std::byte*>(values);
    twin.start.assign(begin, begin + bytes);
    return twin;
  }

  void expect_within(const Twin& twin, const std::vector<float>& want, double absolute,
                     double relative) const {
    const std::vector<float> got = on_cuda<float>(twin);
    ASSERT_EQ(got.size(), want.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
      if (!std::isfinite(want[i])) {
        ASSERT_TRUE(got[i] == want[i] || (std::isnan(got[i]) && std::isnan(want[i])))
            << "at " << i << ": " << got[i] << ", expected " << want[i];
      } else {
        ASSERT_NEAR(got[i], want[i], absolute + relative * std::abs(double(want[i]))) << "at " << i;
      }
    }
  }

  void prepare(Context& context) {
    context.set_step_state(state_);
    for (const Twin& twin : twins_) {
      if (context.device().is_cuda()) {
        upload(twin.cuda.tensor, twin.start.data());
      } else if (twin.is_bf16()) {
        upload(twin.cpu.tensor, widened(twin.start).data());
      } else {
        upload(twin.cpu.tensor, twin.start.data());
      }
    }
  }

  Context cpu_{Device::cpu()};
  std::optional<Context> cuda_;
  std::deque<Twin> twins_;
};

inline constexpr DType kElementTypes[] = {DType::f32, DType::bf16};

// The sizes at which kernels go wrong: none, one, round a warp, odd, more than a block.
inline const std::int64_t kCudaSizes[] = {0, 1, 31, 32, 33, 1001, 5003};

}  // namespace lrcn::test
