#include "kernels/normalize_pictures.h"

#include <cmath>

#include "kernels/check_tensor.h"

namespace lrcn {
namespace {

constexpr const char* kOp = "normalize_pictures";

}  // namespace

PictureCrop check_picture_crop(const Tensor& pictures, const Tensor& places,
                               const PictureNumbers& numbers, const Tensor& y) {
  check_plain(kOp, "pictures", pictures, DType::u8);
  const Shape& from = pictures.shape();
  check(from.rank() == 4 && from[3] == 3, kOp, ": pictures must be [N,H,W,3], got ", pictures.spec);
  check_plain(kOp, "places", places, DType::i32, {from[0], 3});
  check_plain(kOp, "y", y, y.spec.dtype);
  const Shape& to = y.shape();
  check(to.rank() == 4 && to[0] == from[0] && to[1] == 3 && to[2] <= from[1] && to[3] <= from[2],
        kOp, ": y must be [", from[0], ",3,P,Q] with P <= ", from[1], " and Q <= ", from[2],
        ", got ", y.spec);
  check(std::isfinite(numbers.rescale_factor), kOp, ": rescale_factor must be finite, got ",
        numbers.rescale_factor);
  for (std::size_t c = 0; c < 3; ++c) {
    check(std::isfinite(numbers.mean[c]), kOp, ": mean of channel ", c, " must be finite, got ",
          numbers.mean[c]);
    check(std::isfinite(numbers.deviation[c]) && numbers.deviation[c] != 0, kOp,
          ": deviation of channel ", c, " must be finite and not zero, got ", numbers.deviation[c]);
  }
  return {from[0], from[1], from[2], to[2], to[3]};
}

void check_places(std::span<const PicturePlace> places, const PictureCrop& crop) {
  for (std::size_t n = 0; n < places.size(); ++n) {
    const auto& [top, left, kind] = places[n];
    check<DataError>(kind >= PicturePlace::kAbsent && kind <= PicturePlace::kMirrored, kOp,
                     ": picture ", n, " is of kind ", kind, ", expected -1, 0 or 1");
    check<DataError>(
        kind == PicturePlace::kAbsent || (top >= 0 && left >= 0 && top <= crop.height - crop.rows &&
                                          left <= crop.width - crop.columns),
        kOp, ": the crop of ", crop.rows, "x", crop.columns, " at row ", top, ", column ", left,
        " leaves picture ", n, " of ", crop.height, "x", crop.width);
  }
}

}  // namespace lrcn
