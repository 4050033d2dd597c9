#include "tools/data/resize.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "core/error.h"

namespace lrcn {
namespace {

constexpr int kPrecisionBits = 22;  // of a weight; a byte, a weight and the sum fit 32 bits
constexpr int32_t kHalf = 1 << (kPrecisionBits - 1);
constexpr size_t kBlock = 16;  // bytes that the inner loops compute together

// One pixel as the compiler's portable vector: red, green, blue and an unused lane.
typedef int32_t Pixel __attribute__((vector_size(16)));

// The weights of the outputs `begin` to `begin + outputs` along one axis.
struct Taps {
  int count = 0;                 // weights of each output, zeros included
  std::vector<int> first;        // [outputs]: the source position of the first weight
  std::vector<int32_t> weights;  // [outputs, count], scaled by 2^22
};

struct Axis {
  int source = 0;  // pixels
  int target = 0;  // pixels
  int begin = 0;   // of the outputs that are wanted
  int outputs = 0;
};

// Keeps a product from being fused with the addition that follows, which would skip a rounding and
// now and then change a weight.
double rounded(double product) {
  const volatile double stored = product;
  return stored;
}

Taps bilinear_taps(const Axis& axis) {
  const double scale = static_cast<double>(axis.source) / axis.target;
  const double support = std::max(scale, 1.0);
  const double slope = 1.0 / support;
  const auto bounds = [&](int output) {
    const double center = rounded((output + 0.5) * scale);
    return std::array{std::max(static_cast<int>(center - support + 0.5), 0),
                      std::min(static_cast<int>(center + support + 0.5), axis.source)};
  };
  Taps taps;
  for (int i = 0; i < axis.outputs; ++i) {
    const auto [low, high] = bounds(axis.begin + i);
    taps.count = std::max(taps.count, high - low);
  }
  taps.first.resize(axis.outputs);
  taps.weights.resize(static_cast<size_t>(axis.outputs) * taps.count);
  std::vector<double> exact(taps.count);
  for (int i = 0; i < axis.outputs; ++i) {
    const auto [low, high] = bounds(axis.begin + i);
    const double center = rounded((axis.begin + i + 0.5) * scale);
    double sum = 0;
    for (int j = low; j < high; ++j) {
      const double distance = rounded((j - center + 0.5) * slope);
      exact[j - low] = std::max(0.0, 1.0 - std::abs(distance));
      sum += exact[j - low];
    }
    // Every output reads `count` pixels inside the picture; the weights beside its own are zero.
    taps.first[i] = std::min(low, axis.source - taps.count);
    int32_t* weights = &taps.weights[static_cast<size_t>(i) * taps.count + (low - taps.first[i])];
    for (int j = 0; j < high - low; ++j) {
      const double weight = sum == 0 ? exact[j] : exact[j] / sum;
      weights[j] = static_cast<int32_t>(0.5 + weight * (1 << kPrecisionBits));
    }
  }
  return taps;
}

// Rounding errors of many weights can add up to a little more than 255.
inline uint8_t to_byte(int32_t sum) {
  return static_cast<uint8_t>(std::min(sum >> kPrecisionBits, 255));
}

// Resizes along a row; `wide` and `sums` are scratch: every pixel in four lanes, so that the sums
// are vectors and both conversions plain loops.
// source: [W, 3], wide: [W, 4], sums: [outputs, 4], target: [outputs, 3]
void resize_row(const uint8_t* source, const Taps& taps, std::span<int32_t> wide,
                std::span<int32_t> sums, uint8_t* target) {
  for (size_t x = 0; x < wide.size() / 4; ++x) {
    wide[4 * x] = source[3 * x];
    wide[4 * x + 1] = source[3 * x + 1];
    wide[4 * x + 2] = source[3 * x + 2];
  }
  const int32_t* weights = taps.weights.data();
  for (size_t i = 0; i < sums.size() / 4; ++i, weights += taps.count) {
    const int32_t* from = &wide[size_t{4} * taps.first[i]];
    Pixel sum = kHalf - Pixel{};
    for (int t = 0; t < taps.count; ++t) {
      Pixel pixel;
      std::memcpy(&pixel, from + 4 * t, sizeof(pixel));
      sum += pixel * weights[t];
    }
    std::memcpy(&sums[4 * i], &sum, sizeof(sum));
  }
  for (size_t i = 0; i < sums.size() / 4; ++i) {
    for (size_t c = 0; c < 3; ++c) {
      target[3 * i + c] = to_byte(sums[4 * i + c]);
    }
  }
}

// rows: [count, stride], weights: [count], target: [bytes]. Rows may be read up to a full block.
void blend_rows(const uint8_t* rows, size_t stride, const int32_t* weights, int count,
                std::span<uint8_t> target) {
  for (size_t x = 0; x < target.size(); x += kBlock) {
    int32_t sums[kBlock];
    std::fill(sums, sums + kBlock, kHalf);
    for (int t = 0; t < count; ++t) {
      for (size_t lane = 0; lane < kBlock; ++lane) {
        sums[lane] += rows[t * stride + x + lane] * weights[t];
      }
    }
    uint8_t bytes[kBlock];
    for (size_t lane = 0; lane < kBlock; ++lane) {
      bytes[lane] = to_byte(sums[lane]);
    }
    std::memcpy(target.data() + x, bytes, std::min(kBlock, target.size() - x));
  }
}

void check_inside(const char* operation, const Rectangle& region, int width, int height) {
  check(region.width > 0 && region.height > 0 && region.x >= 0 && region.y >= 0 &&
            region.width <= width - region.x && region.height <= height - region.y,
        operation, ": the region must lie inside of ", width, "x", height, ", got ", region.width,
        "x", region.height, " at (", region.x, ", ", region.y, ")");
}

}  // namespace

Image resize_bilinear(const Image& image, int width, int height) {
  return resize_bilinear_region(image, width, height,
                                {.x = 0, .y = 0, .width = width, .height = height});
}

Image resize_bilinear_region(const Image& image, int width, int height, const Rectangle& region) {
  check(image.width > 0 && image.height > 0, "resize_bilinear: the picture is empty");
  check(width > 0 && height > 0, "resize_bilinear: the target must have pixels, got ", width, "x",
        height);
  check_inside("resize_bilinear", region, width, height);
  if (width == image.width && height == image.height) {
    return crop(image, region);
  }
  const Taps across = bilinear_taps({image.width, width, region.x, region.width});
  const Taps down = bilinear_taps({image.height, height, region.y, region.height});
  const auto [lowest, highest] = std::ranges::minmax(down.first);
  const int rows = highest + down.count - lowest;

  // middle: [rows, stride], the rows that the second pass needs
  const size_t row_bytes = size_t{3} * region.width;
  const size_t stride = (row_bytes + kBlock - 1) / kBlock * kBlock + kBlock;
  std::vector<uint8_t> middle(stride * rows);
  std::vector<int32_t> wide(size_t{4} * image.width);
  std::vector<int32_t> sums(size_t{4} * region.width);
  for (int y = 0; y < rows; ++y) {
    resize_row(&image.pixels[size_t{3} * image.width * (lowest + y)], across, wide, sums,
               &middle[stride * y]);
  }

  Image resized{.width = region.width, .height = region.height};
  resized.pixels.resize(row_bytes * region.height);
  for (int y = 0; y < region.height; ++y) {
    blend_rows(&middle[stride * (down.first[y] - lowest)], stride,
               &down.weights[static_cast<size_t>(y) * down.count], down.count,
               std::span(resized.pixels).subspan(row_bytes * y, row_bytes));
  }
  return resized;
}

Image crop(const Image& image, const Rectangle& region) {
  check_inside("crop", region, image.width, image.height);
  const size_t row_bytes = size_t{3} * region.width;
  Image part{.width = region.width, .height = region.height};
  part.pixels.resize(row_bytes * region.height);
  for (int y = 0; y < region.height; ++y) {
    const size_t source = (static_cast<size_t>(region.y + y) * image.width + region.x) * 3;
    std::memcpy(&part.pixels[row_bytes * y], &image.pixels[source], row_bytes);
  }
  return part;
}

Image mirror(Image image) {
  const size_t row_bytes = size_t{3} * image.width;
  for (int y = 0; y < image.height; ++y) {
    uint8_t* row = image.pixels.data() + row_bytes * y;
    for (int left = 0, right = image.width - 1; left < right; ++left, --right) {
      std::swap_ranges(row + 3 * left, row + 3 * left + 3, row + 3 * right);
    }
  }
  return image;
}

}  // namespace lrcn
