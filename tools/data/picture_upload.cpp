#include "tools/data/picture_upload.h"

#include <algorithm>
#include <cstring>

#include "core/error.h"
#include "kernels/elementwise.h"

namespace lrcn {
namespace {

constexpr std::size_t kAlignment = 64;  // of the parts of a slot

PictureCrop whole_pictures(const Preprocessing& preprocessing, std::int64_t batch) {
  check_preprocessing(preprocessing);
  check(batch >= 1, "picture upload: a batch needs at least one picture, got ", batch);
  const std::int64_t height = preprocessing.crop_height;
  const std::int64_t width = preprocessing.crop_width;
  return {batch, height, width, height, width};
}

TensorSpec places_spec(const PictureCrop& crop) { return {{crop.pictures, 3}, DType::i32}; }

TensorSpec pictures_spec(const PictureCrop& crop) {
  return {{crop.pictures, crop.height, crop.width, 3}, DType::u8};
}

}  // namespace

void PictureUpload::Room::put(std::size_t n, std::span<const std::uint8_t> pixels) const {
  const std::size_t bytes = pictures.size() / places.size();
  check(n < places.size() && pixels.size() == bytes, "picture upload: picture ", n, " of ",
        pixels.size(), " bytes, expected one of ", places.size(), " pictures of ", bytes);
  std::copy(pixels.begin(), pixels.end(), pictures.begin() + std::ptrdiff_t(n * bytes));
  places[n].kind = PicturePlace::kUpright;
}

PictureUpload::PictureUpload(Context& context, const Preprocessing& preprocessing,
                             std::int64_t batch, std::initializer_list<std::size_t> more)
    : numbers_(picture_numbers(preprocessing)),
      crop_(whole_pictures(preprocessing, batch)),
      parts_([&] {
        std::vector<std::size_t> sizes = {places_spec(crop_).bytes(), pictures_spec(crop_).bytes()};
        sizes.insert(sizes.end(), more.begin(), more.end());
        std::vector<Part> parts;
        for (std::size_t offset = 0; const std::size_t bytes : sizes) {
          parts.push_back({offset, bytes});
          offset += (bytes + kAlignment - 1) / kAlignment * kAlignment;
        }
        return parts;
      }()),
      staging_(context, parts_.back().offset + parts_.back().bytes) {}

PictureUpload::Room PictureUpload::next() {
  slot_ = staging_.next();
  auto* places = reinterpret_cast<PicturePlace*>(slot_.data() + parts_[0].offset);
  auto* pictures = reinterpret_cast<std::uint8_t*>(slot_.data() + parts_[1].offset);
  const auto count = std::size_t(crop_.pictures);
  std::fill_n(places, count, PicturePlace{.kind = PicturePlace::kAbsent});
  return {{pictures, parts_[1].bytes}, {places, count}};
}

void PictureUpload::send(std::initializer_list<std::span<const std::byte>> more) {
  check(!slot_.empty(), "picture upload: send() needs next() before it");
  check_places({reinterpret_cast<const PicturePlace*>(slot_.data()), std::size_t(crop_.pictures)},
               crop_);
  for (std::size_t index = 0; const std::span<const std::byte> bytes : more) {
    const Part& part = other_part(index++, bytes.size());
    std::copy(bytes.begin(), bytes.end(), slot_.begin() + std::ptrdiff_t(part.offset));
  }
  slot_ = {};
  staging_.send(staging_.bytes());
}

void PictureUpload::arrive(Context& context, Tensor images, std::initializer_list<Tensor> more) {
  const Buffer& slot = staging_.arrive(context);
  normalize_pictures(context, slot.view(parts_[1].offset, pictures_spec(crop_)),
                     slot.view(parts_[0].offset, places_spec(crop_)), numbers_, images);
  for (std::size_t index = 0; const Tensor& tensor : more) {
    const Part& part = other_part(index++, tensor.bytes());
    copy_to(context, slot.view(part.offset, tensor.spec), tensor);
  }
  staging_.release(context);
}

void PictureUpload::drop(Context& context) {
  staging_.arrive(context);
  staging_.release(context);
}

const PictureUpload::Part& PictureUpload::other_part(std::size_t index, std::size_t bytes) const {
  constexpr std::size_t kFirst = 2;
  check(index + kFirst < parts_.size() && bytes <= parts_[index + kFirst].bytes,
        "picture upload: no room for ", bytes, " bytes of tensor ", index, " beside the pictures");
  return parts_[index + kFirst];
}

}  // namespace lrcn
