// Runs operations on the CPU and on a CUDA device, real or emulated, from the same values.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <optional>
#include <vector>

#include "core/cuda/device_info.h"
#include "core/transfer.h"
#include "tests/kernels/test_tensor.h"
#include "tests/kernels/thread_order.h"

namespace lrcn::test {

// One tensor on each of the two devices.
struct Twin {
  OwnedTensor cpu;
  OwnedTensor cuda;
  std::vector<std::byte> start;   // what every run begins with
  std::vector<std::byte> result;  // of the last run on the device
};

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

  Twin& floats(const TensorSpec& spec, const std::vector<float>& values) {
    return add(spec, values.data(), values.size() * sizeof(float));
  }
  Twin& integers(const Shape& shape, const std::vector<std::int32_t>& values) {
    return add({shape, DType::i32}, values.data(), values.size() * sizeof(std::int32_t));
  }
  Twin& bytes(const TensorSpec& spec, const std::vector<std::uint8_t>& values) {
    return add(spec, values.data(), values.size());
  }
  Twin& random(const TensorSpec& spec, std::uint64_t seed, float low = -1.0f, float high = 1.0f) {
    return floats(spec, random_floats(std::int64_t(spec.bytes() / sizeof(float)), seed, low, high));
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

  template <class T>
  std::vector<T> on_cpu(const Twin& twin) const {
    const std::span<T> values = twin.cpu.tensor.span<T>();
    return {values.begin(), values.end()};
  }
  template <class T>
  std::vector<T> on_cuda(const Twin& twin) const {
    std::vector<T> values(twin.result.size() / sizeof(T));
    if (!values.empty()) {
      std::memcpy(values.data(), twin.result.data(), twin.result.size());
    }
    return values;
  }

  void expect_same(const Twin& twin) const {
    const auto* begin = static_cast<const std::byte*>(twin.cpu.tensor.data);
    expect_same_bits(twin.result, {begin, begin + twin.cpu.tensor.bytes()});
  }
  // |cuda - cpu| <= absolute + relative |cpu|; NaN and infinities in the same places.
  void expect_close(const Twin& twin, double absolute, double relative) const {
    const std::vector<float> got = on_cuda<float>(twin);
    const std::vector<float> want = on_cpu<float>(twin);
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

  Context& cuda_context() { return *cuda_; }
  Context& cpu_context() { return cpu_; }

  // The order of emulated threads from now on, one for each run.
  void set_order(int run) { set_thread_order(*cuda_, run); }

  StepState state_;  // that runs start with

 private:
  Twin& add(const TensorSpec& spec, const void* values, std::size_t bytes) {
    check(bytes == spec.bytes(), "test: ", spec, " needs ", spec.bytes(), " bytes, got ", bytes);
    Twin& twin = twins_.emplace_back();
    twin.cpu = OwnedTensor(Device::cpu(), spec);
    twin.cuda = OwnedTensor(Device::cuda(0), spec);
    const auto* begin = static_cast<const std::byte*>(values);
    twin.start.assign(begin, begin + bytes);
    return twin;
  }

  void prepare(Context& context) {
    context.set_step_state(state_);
    for (const Twin& twin : twins_) {
      upload(context.device().is_cpu() ? twin.cpu.tensor : twin.cuda.tensor, twin.start.data());
    }
  }

  Context cpu_{Device::cpu()};
  std::optional<Context> cuda_;
  std::deque<Twin> twins_;
};

// The sizes at which kernels go wrong: none, one, round a warp, odd, more than a block.
inline const std::int64_t kCudaSizes[] = {0, 1, 31, 32, 33, 1001, 5003};

}  // namespace lrcn::test
