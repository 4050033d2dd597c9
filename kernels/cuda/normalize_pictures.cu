// Crop, mirror and normalisation of pictures. A block works out the floats of all bytes once, in
// shared memory; a thread takes four neighbouring pixels of a row, reads their twelve bytes as
// three words where they lie so, and writes four elements of each plane at once.
#include <algorithm>

#include "kernels/check_tensor.h"
#include "kernels/cuda/divisor.h"
#include "kernels/cuda/element.h"
#include "kernels/cuda/launch.h"
#include "kernels/normalize_pictures.h"

namespace lrcn::cuda {
namespace {

constexpr std::int64_t kMostThreads = 256;
constexpr int kBytes = 256;             // values of a byte
constexpr std::int64_t kBlocks = 1024;  // fills a GPU; more would only work out more tables
constexpr int kPixels = 4;              // of a thread

// Extents as kernels want them.
struct Walk {
  std::int64_t pictures;
  std::int64_t height, width;  // of the pictures
  std::int32_t rows, columns;  // of the crop
  Divisor fours;               // of pixels in a row of the crop, the last one perhaps incomplete
  bool aligned;                // fours of elements of y may be written at once
};

// Four pixels, red in the lowest byte of each.
struct FourPixels {
  std::uint32_t at[kPixels];
};

__device__ std::uint32_t pixel_at(const std::uint8_t* source) {
  return source[0] | std::uint32_t(source[1]) << 8 | std::uint32_t(source[2]) << 16;
}

// Neighbours at an address that is a multiple of 4.
__device__ FourPixels load_words(const std::uint8_t* source) {
  const auto* word = reinterpret_cast<const std::uint32_t*>(source);
  const std::uint32_t a = word[0];
  const std::uint32_t b = word[1];
  const std::uint32_t c = word[2];
  return {{a, a >> 24 | b << 8, b >> 16 | c << 16, c >> 8}};
}

// Pixels j, j + 1, ... of a row of the crop, `count` of them; source: pixel 0 of that row.
__device__ FourPixels load_pixels(const std::uint8_t* source, const Walk& walk, bool mirrored,
                                  std::int32_t j, int count) {
  const std::int32_t last = walk.columns - 1;
  const std::uint8_t* begin = source + 3 * (mirrored ? last - (j + count - 1) : j);
  if (count == kPixels && reinterpret_cast<std::uintptr_t>(begin) % 4 == 0) {
    const FourPixels x = load_words(begin);
    return mirrored ? FourPixels{{x.at[3], x.at[2], x.at[1], x.at[0]}} : x;
  }
  FourPixels x = {};
  for (int k = 0; k < kPixels; ++k) {
    if (k < count) {
      x.at[k] = pixel_at(source + 3 * (mirrored ? last - (j + k) : j + k));
    }
  }
  return x;
}

template <class T>
__device__ void store_pixels(T* y, const Pack<float, kPixels>& values, bool whole, int count) {
  if (whole) {
    store(reinterpret_cast<FourOf<T>*>(y), values);
    return;
  }
  for (int k = 0; k < kPixels; ++k) {
    if (k < count) {
      store(y + k, values.at[k]);
    }
  }
}

// Blocks along y take pictures, along x fours of a picture. Shared: a float for each channel and
// byte.
template <class T>
__global__ void normalize_pictures_kernel(const std::uint8_t* pictures, const std::int32_t* places,
                                          PictureNumbers numbers, Walk walk, T* y) {
  auto* values = dynamic_shared<float>();
#pragma unroll
  for (int c = 0; c < 3; ++c) {
    for (int byte = int(threadIdx.x); byte < kBytes; byte += int(blockDim.x)) {
      values[c * kBytes + byte] = normalized_byte(numbers, c, byte);
    }
  }
  __syncthreads();
  const std::int64_t area = std::int64_t(walk.rows) * walk.columns;
  const std::int32_t size = walk.rows * walk.fours.value();
  for (std::int64_t n = blockIdx.y; n < walk.pictures; n += gridDim.y) {
    const std::int32_t* place = places + 3 * n;
    const std::int32_t kind = place[2];
    for (std::int64_t each = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x; each < size;
         each += std::int64_t(gridDim.x) * blockDim.x) {
      const auto [i, four] = walk.fours(std::int32_t(each));
      const std::int32_t j = four * kPixels;
      const int count = walk.columns - j < kPixels ? walk.columns - j : kPixels;
      FourPixels x = {};
      if (kind != PicturePlace::kAbsent) {
        const std::int64_t row = n * walk.height + place[0] + i;
        x = load_pixels(pictures + 3 * (row * walk.width + place[1]), walk,
                        kind == PicturePlace::kMirrored, j, count);
      }
      for (int c = 0; c < 3; ++c) {
        const int shift = 8 * (numbers.blue_first ? 2 - c : c);
        Pack<float, kPixels> planes = {};
        for (int k = 0; k < kPixels; ++k) {
          planes.at[k] = kind == PicturePlace::kAbsent
                             ? 0.0f
                             : values[c * kBytes + int(x.at[k] >> shift & 0xffu)];
        }
        store_pixels(y + (3 * n + c) * area + std::int64_t(i) * walk.columns + j, planes,
                     walk.aligned && count == kPixels, count);
      }
    }
  }
}

}  // namespace

void normalize_pictures(Context& context, Tensor pictures, Tensor places,
                        const PictureNumbers& numbers, Tensor y) {
  const PictureCrop crop = check_picture_crop(pictures, places, numbers, y);
  check(y.spec.dtype == DType::f32 || y.spec.dtype == DType::bf16,
        "normalize_pictures: y must be f32 or bf16, got ", y.spec);
  if (y.elements() == 0) {
    return;
  }
  const std::int64_t fours = (crop.columns + kPixels - 1) / kPixels;
  const std::int64_t size = crop.rows * fours;
  check(crop.height * crop.width < std::int64_t(1) << 29,
        "normalize_pictures: pictures must have fewer than 2^29 pixels, got ", pictures.spec);
  const std::int64_t threads = std::clamp<std::int64_t>((size + 31) / 32 * 32, 32, kMostThreads);
  const std::int64_t most = std::max<std::int64_t>(1, kBlocks / crop.pictures);
  const dim3 grid(unsigned(std::min((size + threads - 1) / threads, most)),
                  unsigned(std::min<std::int64_t>(crop.pictures, 65535)));
  with_element(y.spec.dtype, [&](auto element) {
    using T = decltype(element);
    const bool aligned = crop.columns % kPixels == 0 && is_aligned(y.data, sizeof(FourOf<T>));
    const Walk walk{crop.pictures,
                    crop.height,
                    crop.width,
                    std::int32_t(crop.rows),
                    std::int32_t(crop.columns),
                    Divisor(fours),
                    aligned};
    launch(context, grid, unsigned(threads), 3 * kBytes * sizeof(float),
           normalize_pictures_kernel<T>, pictures.as<std::uint8_t>(), places.as<std::int32_t>(),
           numbers, walk, y.as<T>());
  });
}

}  // namespace lrcn::cuda
