#include "tools/data/picture_upload.h"

#include <algorithm>

#include "core/error.h"
#include "core/transfer.h"
#include "tests/tools/data/image_samples.h"
#include "tools/data/resize.h"

#if LRCN_HAS_CUDA
#include "core/cuda/device_info.h"
#endif

namespace lrcn::test {
namespace {

constexpr std::int64_t kBatch = 3;
constexpr int kSide = 10;

std::vector<Device> devices() {
#if LRCN_HAS_CUDA
  if (cuda::find_platform().problem.empty()) {
    return {Device::cpu(), Device::cuda(0)};
  }
#endif
  return {Device::cpu()};
}

std::string name_of(const testing::TestParamInfo<Device>& info) {
  return info.param.is_cpu() ? "cpu" : "cuda";
}

class PictureUploadOn : public testing::TestWithParam<Device> {
 protected:
  // The batch of round `round`: an upright picture, none, a mirrored one.
  void send(PictureUpload& upload, int round) const {
    const PictureUpload::Room room = upload.next();
    room.put(0, crop_of(round, 0).pixels);
    room.put(2, crop_of(round, 2).pixels);
    room.places[2].kind = PicturePlace::kMirrored;
    const std::vector<std::int32_t> words = words_of(round);
    upload.send({std::as_bytes(std::span(words))});
  }
  void expect_arrives(PictureUpload& upload, int round) {
    const OwnedTensor images(GetParam(), {{kBatch, 3, kSide, kSide}});
    const OwnedTensor words(GetParam(), {{std::int64_t(words_of(round).size())}, DType::i32});
    upload.arrive(context_, images.tensor, {words.tensor});
    context_.synchronize();
    std::vector<float> got(std::size_t(images.tensor.elements()));
    download(got.data(), images.tensor);
    EXPECT_EQ(got, planes_of(round)) << "round " << round;
    std::vector<std::int32_t> got_words(words_of(round).size());
    download(got_words.data(), words.tensor);
    EXPECT_EQ(got_words, words_of(round)) << "round " << round;
  }

  Context context_{GetParam()};
  Preprocessing preprocessing_ = torchvision_preprocessing(kSide, kSide + 3);

 private:
  static Image picture(int round, int n) { return pattern(20 + 3 * round, 15 + n); }
  Image crop_of(int round, int n) const {
    return resize_and_crop(picture(round, n), preprocessing_);
  }
  static std::vector<std::int32_t> words_of(int round) {
    return std::vector<std::int32_t>(std::size_t(4 + round % 2), 100 + round);
  }
  // What to_planes says.
  std::vector<float> planes_of(int round) const {
    constexpr std::size_t kPlanes = 3 * kSide * kSide;
    std::vector<float> planes(kBatch * kPlanes, 0.0f);
    const std::span<float> all(planes);
    to_planes(picture(round, 0), preprocessing_, all.first(kPlanes));
    to_planes(mirror(crop_of(round, 2)), cropped(), all.last(kPlanes));
    return planes;
  }
  // For pictures that have the size of the crop.
  Preprocessing cropped() const {
    Preprocessing preprocessing = preprocessing_;
    preprocessing.resize = ResizeMode::none;
    return preprocessing;
  }
};

TEST_P(PictureUploadOn, BatchesArriveInOrderNormalisedAndWithTheirWords) {
  PictureUpload upload(context_, preprocessing_, kBatch, {5 * sizeof(std::int32_t)});
  send(upload, 0);
  for (int round = 0; round < 5; ++round) {
    send(upload, round + 1);
    EXPECT_EQ(upload.under_way(), 2);
    expect_arrives(upload, round);
  }
  upload.drop(context_);
  EXPECT_EQ(upload.under_way(), 0);
  send(upload, 7);
  expect_arrives(upload, 7);
}

TEST_P(PictureUploadOn, RefusesWhatDoesNotFit) {
  EXPECT_THROW(PictureUpload(context_, preprocessing_, 0), ArgumentError);
  EXPECT_THROW(PictureUpload(context_, torchvision_preprocessing(11, 10), 1), ArgumentError);
  PictureUpload upload(context_, preprocessing_, kBatch, {8});
  EXPECT_THROW(upload.send(), ArgumentError);
  const PictureUpload::Room room = upload.next();
  const std::vector<std::uint8_t> pixels(3 * kSide * kSide, 9);
  EXPECT_THROW(room.put(kBatch, pixels), ArgumentError);
  EXPECT_THROW(room.put(0, std::span(pixels).first(7)), ArgumentError);
  EXPECT_NO_THROW(room.put(0, pixels));
  const std::vector<std::byte> nine(9);
  EXPECT_THROW(upload.send({nine}), ArgumentError);
  EXPECT_THROW(upload.send({std::span(nine).first(8), nine}), ArgumentError);
  room.places[1] = {.top = 1, .left = 0, .kind = PicturePlace::kUpright};
  EXPECT_THROW(upload.send(), DataError);
  room.places[1] = {};
  upload.send();
  const OwnedTensor small(GetParam(), {{kBatch, 3, kSide, kSide + 1}});
  EXPECT_THROW(upload.arrive(context_, small.tensor), ArgumentError);
}

INSTANTIATE_TEST_SUITE_P(Devices, PictureUploadOn, testing::ValuesIn(devices()), name_of);

}  // namespace
}  // namespace lrcn::test
