// Pictures of bytes as the planes of floats that a network reads: crop, mirror, normalise.
//
//   y[n,c,i,j] = (float(rescale_factor b) - mean[c]) / deviation[c]
//
// b is the byte in row top[n] + i, column left[n] + j of picture n, where columns of a mirrored
// picture are counted from the right end of the crop. The product is one of doubles and the rest is
// done in single precision, as torchvision does it; every device gives the same bits.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "core/host_device.h"
#include "core/tensor.h"
#include "kernels/op.h"

namespace lrcn {

// `mean` and `deviation` are in the order of the channels of y.
struct PictureNumbers {
  double rescale_factor = 1.0 / 255.0;
  std::array<float, 3> mean = {};
  std::array<float, 3> deviation = {1.0f, 1.0f, 1.0f};  // not zero
  bool blue_first = false;                              // y has blue, green, red
};

// The float of one byte in channel c of y.
LRCN_HOST_DEVICE inline float normalized_byte(const PictureNumbers& numbers, int c, int byte) {
  const auto scaled = static_cast<float>(byte * numbers.rescale_factor);
  return (scaled - numbers.mean[std::size_t(c)]) / numbers.deviation[std::size_t(c)];
}

// A row of `places`.
struct PicturePlace {
  static constexpr std::int32_t kAbsent = -1;  // no picture: the planes become zero
  static constexpr std::int32_t kUpright = 0;
  static constexpr std::int32_t kMirrored = 1;  // left and right exchanged after the crop

  std::int32_t top = 0;   // rows of the picture above the crop
  std::int32_t left = 0;  // columns of the picture before the crop
  std::int32_t kind = kUpright;
};

// pictures: u8 [N, H, W, 3], red green blue; places: i32 [N, 3], rows of PicturePlace;
// y: [N, 3, P, Q] with P <= H and Q <= W, written. All plain; y is f32, on CUDA f32 or bf16.
// Places are data and not checked here: a crop that leaves its picture reads outside of it.
// Throws ArgumentError for specs that do not fit, numbers that are not finite and deviations of 0.
using NormalizePicturesFunction = void(Context&, Tensor pictures, Tensor places,
                                       const PictureNumbers& numbers, Tensor y);

namespace cpu {
NormalizePicturesFunction normalize_pictures;
}  // namespace cpu
namespace cuda {
NormalizePicturesFunction normalize_pictures;
}  // namespace cuda

inline constexpr Op<NormalizePicturesFunction> normalize_pictures{
    "normalize_pictures", cpu::normalize_pictures, LRCN_CUDA_OP(cuda::normalize_pictures)};

// The extents of one call.
struct PictureCrop {
  std::int64_t pictures;  // N
  std::int64_t height;    // of the pictures: H, W
  std::int64_t width;
  std::int64_t rows;  // of the crop: P, Q
  std::int64_t columns;
};

// The checks that the backends share but that of y's type.
PictureCrop check_picture_crop(const Tensor& pictures, const Tensor& places,
                               const PictureNumbers& numbers, const Tensor& y);

// For whoever makes places on the host. Throws DataError naming the first picture whose crop of
// `rows` x `columns` leaves its `height` x `width` pixels, or whose kind is none of the three.
void check_places(std::span<const PicturePlace> places, const PictureCrop& crop);

}  // namespace lrcn
