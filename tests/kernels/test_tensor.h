// Tensors for kernel tests, and comparisons of their contents.
#pragma once

#include <gtest/gtest.h>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "core/rng.h"
#include "tests/reference/guarded_tensor.h"

namespace lrcn::test {

// A guarded tensor whose destructor fails the test when somebody wrote outside of it. Floats start
// as NaN, integers as -1.
class TestTensor {
 public:
  explicit TestTensor(const TensorSpec& spec, Device device = Device::cpu())
      : guarded_(spec, device) {
    if (spec.dtype != DType::f32) {
      upload(guarded_, std::vector<std::uint8_t>(spec.bytes(), 0xff).data());
    }
  }
  explicit TestTensor(std::initializer_list<std::int64_t> extents)
      : TestTensor(TensorSpec{Shape(extents)}) {}
  TestTensor(const Shape& shape, const std::vector<float>& values) : TestTensor(TensorSpec{shape}) {
    assign(values);
  }
  TestTensor(const Shape& shape, const std::vector<std::int32_t>& values)
      : TestTensor(TensorSpec{shape, DType::i32}) {
    assign(values);
  }
  ~TestTensor() {
    if (!moved_) {
      EXPECT_TRUE(guarded_.intact()) << "written outside of " << tensor().spec;
    }
  }
  TestTensor(TestTensor&& other) noexcept : guarded_(std::move(other.guarded_)) {
    other.moved_ = true;
  }
  TestTensor(const TestTensor&) = delete;
  TestTensor& operator=(const TestTensor&) = delete;

  operator Tensor() const { return tensor(); }
  const Tensor& tensor() const { return guarded_.tensor(); }
  // Memory in its order, padding included.
  std::vector<float> floats() const { return contents<float>(); }
  std::vector<std::int32_t> ints() const { return contents<std::int32_t>(); }
  template <class T>
  void assign(const std::vector<T>& values) const {
    ASSERT_EQ(values.size() * sizeof(T), tensor().bytes());
    ASSERT_EQ(tensor().spec.dtype, dtype_of<T>);
    upload(tensor(), values.data());
  }

 private:
  template <class T>
  std::vector<T> contents() const {
    EXPECT_EQ(tensor().spec.dtype, dtype_of<T>);
    std::vector<T> values(tensor().bytes() / sizeof(T));
    download(values.data(), tensor());
    return values;
  }

  GuardedTensor guarded_;
  bool moved_ = false;
};

// Reproducible numbers, uniform in [low, high).
inline std::vector<float> random_floats(std::int64_t count, std::uint64_t seed, float low = -1.0f,
                                        float high = 1.0f) {
  const Random random(seed, Purpose::generate);
  std::vector<float> values(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = low + (high - low) * random.uniform(0, i);
  }
  return values;
}

// Runs body() with this many threads.
template <class Body>
auto with_threads(int count, const Body& body) {
  struct Restore {
    int before = omp_get_max_threads();
    ~Restore() { omp_set_num_threads(before); }
  } restore;
  omp_set_num_threads(count);
  return body();
}

// NaN equals itself here, and 0 differs from -0.
template <class T>
void expect_same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  ASSERT_EQ(a.size(), b.size());
  EXPECT_TRUE(a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

// |got - want| <= absolute + relative |want| for every element.
template <class Want>
void expect_near(const std::vector<float>& got, const std::vector<Want>& want, double absolute,
                 double relative = 0.0) {
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double bound = absolute + relative * std::abs(double(want[i]));
    ASSERT_NEAR(double(got[i]), double(want[i]), bound) << "at " << i;
  }
}

}  // namespace lrcn::test
