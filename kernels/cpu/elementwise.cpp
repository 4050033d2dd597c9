#include "kernels/elementwise.h"

#include <cstring>

#include "kernels/check_tensor.h"
#include "kernels/cpu/padding.h"
#include "kernels/cpu/parallel.h"

namespace lrcn::cpu {
namespace {

void check_pair(const char* op, const Tensor& x, const Tensor& y) {
  check_floats(op, "x", x);
  check_like(op, "y", y, x);
}

}  // namespace

void fill_with(Context&, Tensor y, float value) {
  check_floats("fill_with", "y", y);
  float* out = y.as<float>();
  for_chunks(memory_elements(y), kChunk, [=](std::int64_t begin, std::int64_t end) {
    std::fill(out + begin, out + end, value);
  });
  if (value != 0.0f) {
    clear_padding(y);
  }
}

void copy_to(Context&, Tensor x, Tensor y) {
  check_present("copy_to", "x", x);
  check_like("copy_to", "y", y, x);
  if (x.data == y.data) {
    return;
  }
  const auto* in = static_cast<const std::byte*>(x.data);
  auto* out = static_cast<std::byte*>(y.data);
  for_chunks(std::int64_t(x.bytes()), kChunk * 4, [=](std::int64_t begin, std::int64_t end) {
    std::memcpy(out + begin, in + begin, std::size_t(end - begin));
  });
}

void scale_by(Context&, Tensor x, float factor, Tensor y) {
  check_pair("scale_by", x, y);
  const float* in = x.as<float>();
  float* out = y.as<float>();
  for_chunks(memory_elements(x), kChunk, [=](std::int64_t begin, std::int64_t end) {
#pragma omp simd
    for (std::int64_t i = begin; i < end; ++i) {
      out[i] = factor * in[i];
    }
  });
}

void sum_of(Context& context, std::span<const Tensor> x, Tensor y) {
  check(!x.empty(), "sum_of: needs at least one input, got none");
  for (const Tensor& input : x) {
    check_pair("sum_of", input, y);
  }
  if (x.size() == 1) {
    copy_to(context, x[0], y);
    return;
  }
  float* out = y.as<float>();
  // A chunk of y stays in the cache while all inputs are added to it.
  for_chunks(memory_elements(y), kChunk, [=](std::int64_t begin, std::int64_t end) {
    const float* first = x[0].as<float>();
    const float* second = x[1].as<float>();
#pragma omp simd
    for (std::int64_t i = begin; i < end; ++i) {
      out[i] = first[i] + second[i];
    }
    for (const Tensor& input : x.subspan(2)) {
      const float* in = input.as<float>();
#pragma omp simd
      for (std::int64_t i = begin; i < end; ++i) {
        out[i] += in[i];
      }
    }
  });
}

void add_in_place(Context&, Tensor x, Tensor y) {
  check_pair("add_in_place", x, y);
  const float* in = x.as<float>();
  float* out = y.as<float>();
  for_chunks(memory_elements(x), kChunk, [=](std::int64_t begin, std::int64_t end) {
#pragma omp simd
    for (std::int64_t i = begin; i < end; ++i) {
      out[i] += in[i];
    }
  });
}

}  // namespace lrcn::cpu
