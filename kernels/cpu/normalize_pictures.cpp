#include "kernels/normalize_pictures.h"

#include <algorithm>

#include "kernels/check_tensor.h"
#include "kernels/cpu/parallel.h"

namespace lrcn::cpu {
namespace {

using ByteValues = std::array<std::array<float, 256>, 3>;  // of channel and byte

ByteValues values_of_bytes(const PictureNumbers& numbers) {
  ByteValues values;
  for (int c = 0; c < 3; ++c) {
    for (int byte = 0; byte < 256; ++byte) {
      values[std::size_t(c)][std::size_t(byte)] = normalized_byte(numbers, c, byte);
    }
  }
  return values;
}

}  // namespace

void normalize_pictures(Context&, Tensor pictures, Tensor places, const PictureNumbers& numbers,
                        Tensor y) {
  const PictureCrop crop = check_picture_crop(pictures, places, numbers, y);
  check_dtype("normalize_pictures", "y", y, DType::f32);
  const ByteValues values = values_of_bytes(numbers);
  const auto* in = pictures.as<std::uint8_t>();
  const auto* place = places.as<std::int32_t>();
  float* out = y.as<float>();
  for_rows(crop.pictures * 3 * crop.rows, crop.columns, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {  // n, c, i
      const std::int64_t plane = row / crop.rows;
      const std::int64_t n = plane / 3;
      const std::int64_t c = plane % 3;
      float* target = out + row * crop.columns;
      const PicturePlace at = {place[3 * n], place[3 * n + 1], place[3 * n + 2]};
      if (at.kind == PicturePlace::kAbsent) {
        std::fill(target, target + crop.columns, 0.0f);
        continue;
      }
      const std::int64_t i = at.top + row % crop.rows;
      const std::uint8_t* source = in + 3 * ((n * crop.height + i) * crop.width + at.left) +
                                   (numbers.blue_first ? 2 - c : c);
      const float* value = values[std::size_t(c)].data();
      if (at.kind == PicturePlace::kMirrored) {
        for (std::int64_t j = 0; j < crop.columns; ++j) {
          target[j] = value[source[3 * (crop.columns - 1 - j)]];
        }
      } else {
        for (std::int64_t j = 0; j < crop.columns; ++j) {
          target[j] = value[source[3 * j]];
        }
      }
    }
  });
}

}  // namespace lrcn::cpu
