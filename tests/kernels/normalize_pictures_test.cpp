#include "kernels/normalize_pictures.h"

#include <cmath>
#include <limits>

#include "tests/kernels/each_device.h"
#include "tests/kernels/test_tensor.h"

namespace lrcn::test {
namespace {

constexpr std::int64_t kPictures = 3;
constexpr std::int64_t kHeight = 5;
constexpr std::int64_t kWidth = 7;

// The byte of row i, column j, channel c of picture n tells where it lies.
std::uint8_t byte_at(std::int64_t n, std::int64_t i, std::int64_t j, std::int64_t c) {
  return std::uint8_t(n * 3 * kHeight * kWidth % 64 + (i * kWidth + j) * 3 + c);
}

class NormalizePictures : public OnEachDevice {
 protected:
  void SetUp() override {
    OnEachDevice::SetUp();
    if (IsSkipped()) {
      return;
    }
    std::vector<std::uint8_t> bytes;
    for (std::int64_t n = 0; n < kPictures; ++n) {
      for (std::int64_t at = 0; at < kHeight * kWidth * 3; ++at) {
        bytes.push_back(byte_at(n, at / 3 / kWidth, at / 3 % kWidth, at % 3));
      }
    }
    pictures_.emplace(TensorSpec{{kPictures, kHeight, kWidth, 3}, DType::u8}, device());
    pictures_->assign(bytes);
  }

  TestTensor places(const std::vector<PicturePlace>& rows) const {
    std::vector<std::int32_t> values;
    for (const PicturePlace& row : rows) {
      values.insert(values.end(), {row.top, row.left, row.kind});
    }
    TestTensor tensor({{std::int64_t(rows.size()), 3}, DType::i32}, device());
    tensor.assign(values);
    return tensor;
  }
  const TestTensor& pictures() const { return *pictures_; }

 private:
  std::optional<TestTensor> pictures_;
};

TEST_P(NormalizePictures, CropsMirrorsAndLeavesAbsentPicturesZero) {
  const TestTensor place =
      places({{1, 2, PicturePlace::kUpright}, {0, 0, PicturePlace::kAbsent}, {2, 3, 1}});
  const TestTensor y({{kPictures, 3, 3, 4}}, device());
  const PictureNumbers numbers = {
      .rescale_factor = 1.0, .mean = {1.0f, 2.0f, 3.0f}, .deviation = {1.0f, 2.0f, 4.0f}};
  for (const bool blue_first : {false, true}) {
    PictureNumbers each = numbers;
    each.blue_first = blue_first;
    normalize_pictures(context(), pictures(), place, each, y);
    const std::vector<float> got = y.floats();
    std::size_t at = 0;
    for (std::int64_t n = 0; n < kPictures; ++n) {
      for (std::int64_t c = 0; c < 3; ++c) {
        const auto channel = std::size_t(c);
        const std::int64_t source = blue_first ? 2 - c : c;
        for (std::int64_t i = 0; i < 3; ++i) {
          for (std::int64_t j = 0; j < 4; ++j, ++at) {
            const std::uint8_t byte =
                n == 0 ? byte_at(0, 1 + i, 2 + j, source) : byte_at(2, 2 + i, 3 + (3 - j), source);
            const float want =
                n == 1 ? 0.0f : (float(byte) - numbers.mean[channel]) / numbers.deviation[channel];
            ASSERT_EQ(got[at], want) << n << ' ' << c << ' ' << i << ' ' << j;
          }
        }
      }
    }
  }
}

TEST_P(NormalizePictures, ScalesInDoublePrecisionAndTheRestInSingle) {
  const TestTensor place = places({{}, {}, {}});
  const TestTensor y({{kPictures, 3, kHeight, kWidth}}, device());
  const PictureNumbers numbers = {.mean = {0.485f, 0.456f, 0.406f},
                                  .deviation = {0.229f, 0.224f, 0.225f}};
  normalize_pictures(context(), pictures(), place, numbers, y);
  const std::vector<float> got = y.floats();
  for (std::int64_t c = 0; c < 3; ++c) {
    const float scaled = float(double(byte_at(0, 4, 6, c)) * (1.0 / 255.0));
    const float want = (scaled - numbers.mean[std::size_t(c)]) / numbers.deviation[std::size_t(c)];
    EXPECT_EQ(got[std::size_t((c + 1) * kHeight * kWidth - 1)], want);
  }
}

TEST_P(NormalizePictures, RefusesWhatDoesNotFit) {
  const auto make = [this](const TensorSpec& spec) { return TestTensor(spec, device()); };
  const TestTensor good = make({{kPictures, 3, 4, 4}});
  const TestTensor place = places({{}, {}, {}});
  const auto refused = [&](const Tensor& x, const Tensor& at, const PictureNumbers& numbers,
                           const Tensor& y) {
    EXPECT_THROW(normalize_pictures(context(), x, at, numbers, y), ArgumentError)
        << x.spec << ' ' << at.spec << ' ' << y.spec;
  };
  EXPECT_NO_THROW(normalize_pictures(context(), pictures(), place, {}, good));
  refused(make({{kPictures, kHeight, kWidth, 3}}), place, {}, good);
  refused(make({{kPictures, kHeight, kWidth, 4}, DType::u8}), place, {}, good);
  refused(make({{kPictures, kHeight * kWidth * 3}, DType::u8}), place, {}, good);
  refused(pictures(), places({{}, {}}), {}, good);
  refused(pictures(), make({{kPictures, 3}}), {}, good);
  for (const TensorSpec& spec :
       {TensorSpec{{kPictures, 3, kHeight + 1, 4}}, TensorSpec{{kPictures, 3, 4, kWidth + 1}},
        TensorSpec{{kPictures, 4, 4, 4}}, TensorSpec{{2, 3, 4, 4}}, TensorSpec{{kPictures, 3, 4}},
        TensorSpec{{kPictures, 3, 4, 4}, DType::u8},
        TensorSpec{{kPictures, 3, 4, 4}, DType::f32, Layout::nhwc}}) {
    refused(pictures(), place, {}, make(spec));
  }
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  refused(pictures(), place, {.rescale_factor = std::nan("")}, good);
  refused(pictures(), place, {.mean = {0.0f, kInfinity, 0.0f}}, good);
  refused(pictures(), place, {.deviation = {1.0f, 1.0f, 0.0f}}, good);
  refused(pictures(), place, {.deviation = {kInfinity, 1.0f, 1.0f}}, good);
}

INSTANTIATE_TEST_SUITE_P(Devices, NormalizePictures, testing::ValuesIn(test_devices()), name_of);

TEST(NormalizePicturesOnTheCpu, ComputesNoBf16) {
  Context context(Device::cpu());
  const TestTensor x{TensorSpec{{1, 4, 4, 3}, DType::u8}};
  const TestTensor place{TensorSpec{{1, 3}, DType::i32}};
  const TestTensor y{TensorSpec{{1, 3, 4, 4}, DType::bf16}};
  EXPECT_THROW(normalize_pictures(context, x, place, {}, y), ArgumentError);
}

TEST(CheckPlaces, NamesTheFirstPictureWhoseCropLeavesIt) {
  const PictureCrop crop = {.pictures = 4, .height = 8, .width = 9, .rows = 6, .columns = 6};
  const std::vector<PicturePlace> good = {{0, 0, 0}, {2, 3, 1}, {99, -7, PicturePlace::kAbsent}};
  EXPECT_NO_THROW(check_places(good, crop));
  for (const PicturePlace& bad : std::vector<PicturePlace>{
           {3, 0, 0}, {0, 4, 0}, {-1, 0, 0}, {0, -1, 1}, {0, 0, 2}, {0, 0, -2}}) {
    std::vector<PicturePlace> places = good;
    places.insert(places.end(), {bad, {9, 9, 9}});
    try {
      check_places(places, crop);
      ADD_FAILURE() << bad.top << ' ' << bad.left << ' ' << bad.kind << " was accepted";
    } catch (const DataError& error) {
      EXPECT_NE(std::string(error.what()).find("picture 3"), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace lrcn::test
