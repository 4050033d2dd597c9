// Normalisation across channels. A few pixels of all channels are brought into the order [C,
// pixels] first, so that one loop serves every layout and every size of the window; oneDNN has
// optimised code for size 5 alone.
#include "kernels/lrn.h"

#include <omp.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/check_tensor.h"
#include "kernels/cpu/lanes.h"
#include "kernels/cpu/layout_tiles.h"

namespace lrcn::cpu {
namespace {

constexpr const char* kOp = "lrn";
constexpr std::int64_t kPixels = 32;  // of one tile
constexpr int kLanes = 16;
constexpr std::int64_t kTileChannels = 8;

using Row = float[kPixels];  // one channel of a tile
using Float = Lanes<float, kLanes>;

// x^-1/2 for positive x: a first guess from the exponent, then three steps of Newton's method, each
// squaring the relative error of 3.4 %. Unlike std::sqrt it needs no errno, so it stays a vector.
Float reciprocal_root(const Float& x) {
  using Bits = Lanes<std::uint32_t, kLanes>;
  const Float bounded = x > std::numeric_limits<float>::max() ? Float{} + 3e38f : x;  // NaN stays
  Bits bits;
  load_lanes(bits, &bounded);
  const Bits guess = 0x5f3759dfu - (bits >> 1);
  Float root;
  load_lanes(root, &guess);
  for (int step = 0; step < 3; ++step) {
    root *= 1.5f - 0.5f * bounded * root * root;
  }
  return root;
}

// The channels of `image` from c on, seen from pixel `begin` on.
ChannelTile tile_at(const Tensor& image, std::int64_t n, std::int64_t c, std::int64_t begin) {
  ChannelTile tile = tile_of(image, n, c);
  tile.begin += begin * tile.pixel_stride;
  return tile;
}

// tile[c] = pixels [begin, end) of channel c. image: [N, C, H, W].
void read_tile(const Tensor& image, std::int64_t n, std::int64_t begin, std::int64_t end,
               Row* tile) {
  const std::int64_t channels = image.shape()[1];
  for (std::int64_t c = 0; c < channels; c += kTileChannels) {
    const std::int64_t count = std::min(channels - c, kTileChannels);
    move_tile(tile_at(image, n, c, begin), {tile[c], kPixels, 1}, {0, end - begin, count, count});
  }
}

void write_tile(Row* tile, const Tensor& image, std::int64_t n, std::int64_t begin,
                std::int64_t end) {
  const std::int64_t channels = image.shape()[1];
  const std::int64_t stored = stored_channels(image.spec);
  for (std::int64_t c = 0; c < stored; c += kTileChannels) {
    const std::int64_t count = std::clamp<std::int64_t>(channels - c, 0, kTileChannels);
    move_tile({tile[count > 0 ? c : 0], kPixels, 1}, tile_at(image, n, c, begin),
              {0, end - begin, count, std::min(stored - c, kTileChannels)});
  }
}

class Lrn final : public LrnKernel {
 public:
  explicit Lrn(const LrnProblem& problem) : problem_(problem), threads_(omp_get_max_threads()) {}

  const TensorSpec& x_spec() const override { return problem_.x; }
  // Backward computes the sums again: cheaper than to store and load them.
  std::size_t saved_bytes() const override { return 0; }
  std::size_t scratch_bytes() const override {
    return std::size_t(threads_) * std::size_t(rows_of_thread()) * sizeof(Row);
  }

  void forward(Context& context, const LrnArguments& arguments) const override;
  void backward(Context& context, const LrnGradients& arguments) const override;

 private:
  // x and y, and for backward dy, the factor s^-beta and the terms of the sum.
  std::int64_t rows_of_thread() const { return problem_.x.shape[1] * (problem_.backward ? 4 : 2); }

  void check_tensor(const char* name, const Tensor& tensor) const {
    check_spec(kOp, name, tensor, problem_.x);
    check_present(kOp, name, tensor);
  }

  // Calls body(n, begin, end, rows) for every tile of pixels with the thread's scratch rows.
  template <class Body>
  void for_each_tile(const Tensor& scratch, Body&& body) const;

  // Sum over the window around channel c of term(channel) of type Float.
  template <class Term>
  Float window_sum(std::int64_t c, Term&& term) const {
    const std::int64_t half = problem_.size / 2;
    const std::int64_t last = std::min(c + half, problem_.x.shape[1] - 1);
    Float sum{};
    for (std::int64_t j = std::max<std::int64_t>(c - half, 0); j <= last; ++j) {
      sum += term(j);
    }
    return sum;
  }

  // s = k + alpha/size sum x^2 around channel c.
  Float scale(const Row* x, std::int64_t c, std::int64_t p) const {
    const Float sum = window_sum(c, [&](std::int64_t j) {
      Float value;
      load_lanes(value, x[j] + p);
      return value * value;
    });
    return problem_.k + problem_.alpha / float(problem_.size) * sum;
  }

  // s^-beta
  Float factor(const Float& s) const {
    if (problem_.beta == 0.5f) {
      return reciprocal_root(s);
    }
    if (problem_.beta == 0.75f) {
      const Float root = reciprocal_root(s);
      return root * root * reciprocal_root(root);
    }
    float values[kLanes];
    store_lanes(s, values);
    for (float& value : values) {
      value = std::pow(value, -problem_.beta);
    }
    Float result;
    load_lanes(result, values);
    return result;
  }

  LrnProblem problem_;
  int threads_;
};

template <class Body>
void Lrn::for_each_tile(const Tensor& scratch, Body&& body) const {
  check_bytes(kOp, "scratch", scratch, scratch_bytes());
  Row* rows = reinterpret_cast<Row*>(scratch.data);
  const Shape& shape = problem_.x.shape;
  const std::int64_t images = shape[0];
  const std::int64_t pixels = shape[2] * shape[3];
  const std::int64_t tiles = (pixels + kPixels - 1) / kPixels;
#pragma omp parallel num_threads(threads_)
  {
    Row* own = rows + omp_get_thread_num() * rows_of_thread();
    // The last tile of an image may be partly filled: its other pixels are computed, but not used.
    std::fill_n(&own[0][0], rows_of_thread() * kPixels, 0.0f);
#pragma omp for collapse(2) schedule(static)
    for (std::int64_t n = 0; n < images; ++n) {
      for (std::int64_t tile = 0; tile < tiles; ++tile) {
        const std::int64_t begin = tile * kPixels;
        body(n, begin, std::min(begin + kPixels, pixels), own);
      }
    }
  }
}

// y = x s^-beta
void Lrn::forward(Context& context, const LrnArguments& arguments) const {
  check_devices("lrn", context.device(), arguments);
  const auto& [x, y, saved, scratch] = arguments;
  check_tensor("x", x);
  check_tensor("y", y);
  const std::int64_t channels = problem_.x.shape[1];
  for_each_tile(scratch, [&](std::int64_t n, std::int64_t begin, std::int64_t end, Row* rows) {
    Row* x_rows = rows;
    Row* y_rows = rows + channels;
    read_tile(x, n, begin, end, x_rows);
    for (std::int64_t c = 0; c < channels; ++c) {
      for (std::int64_t p = 0; p < kPixels; p += kLanes) {
        Float value;
        load_lanes(value, x_rows[c] + p);
        value *= factor(scale(x_rows, c, p));
        store_lanes(value, y_rows[c] + p);
      }
    }
    write_tile(y_rows, y, n, begin, end);
  });
}

// dx_i = dy_i s_i^-beta - 2 alpha beta/size x_i sum_j dy_j x_j s_j^(-beta-1), j around i
void Lrn::backward(Context& context, const LrnGradients& arguments) const {
  check_devices("lrn", context.device(), arguments);
  const auto& [x, dy, saved, dx, scratch] = arguments;
  check(problem_.backward, kOp, ": backward was called, but not planned");
  check_tensor("x", x);
  check_tensor("dy", dy);
  check_tensor("dx", dx);
  const std::int64_t channels = problem_.x.shape[1];
  const float weight = 2.0f * problem_.alpha * problem_.beta / float(problem_.size);
  for_each_tile(scratch, [&](std::int64_t n, std::int64_t begin, std::int64_t end, Row* rows) {
    Row* x_rows = rows;
    Row* dy_rows = rows + channels;
    Row* factors = rows + 2 * channels;
    Row* terms = rows + 3 * channels;
    read_tile(x, n, begin, end, x_rows);
    read_tile(dy, n, begin, end, dy_rows);
    for (std::int64_t c = 0; c < channels; ++c) {
      for (std::int64_t p = 0; p < kPixels; p += kLanes) {
        Float value;
        Float gradient;
        load_lanes(value, x_rows[c] + p);
        load_lanes(gradient, dy_rows[c] + p);
        const Float s = scale(x_rows, c, p);
        const Float power = factor(s);
        store_lanes(gradient * power, factors[c] + p);
        store_lanes(gradient * value * power / s, terms[c] + p);
      }
    }
    // The factors, already multiplied by dy, become dx.
    for (std::int64_t c = 0; c < channels; ++c) {
      for (std::int64_t p = 0; p < kPixels; p += kLanes) {
        const Float sum = window_sum(c, [&](std::int64_t j) {
          Float term;
          load_lanes(term, terms[j] + p);
          return term;
        });
        Float value;
        Float direct;
        load_lanes(value, x_rows[c] + p);
        load_lanes(direct, factors[c] + p);
        store_lanes(direct - weight * value * sum, factors[c] + p);
      }
    }
    write_tile(factors, dx, n, begin, end);
  });
}

}  // namespace

std::unique_ptr<LrnKernel> plan_lrn(Context& context, const LrnProblem& problem) {
  check_lrn(problem, context.device());
  return std::make_unique<Lrn>(problem);
}

}  // namespace lrcn::cpu
