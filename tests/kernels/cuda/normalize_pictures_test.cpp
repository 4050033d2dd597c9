#include "kernels/normalize_pictures.h"

#include "tests/kernels/cuda/cuda_agreement.h"

namespace lrcn::test {
namespace {

struct CropCase {
  std::int64_t pictures, height, width, rows, columns;
  std::int64_t first = 0;  // bytes in front of the pictures, elements in front of y
};

// Rows whose fours of pixels are whole words and whole packs, others where neither is.
const CropCase kCases[] = {{1, 1, 1, 1, 1},      {2, 3, 5, 3, 5},       {3, 8, 8, 8, 8},
                           {2, 9, 12, 5, 8},     {5, 33, 31, 31, 30},   {1, 40, 64, 32, 64, 1},
                           {2, 32, 36, 32, 32},  {1, 67, 260, 64, 256}, {4, 6, 7, 6, 3, 3},
                           {0, 4, 4, 4, 4},      {1100, 2, 5, 2, 4},    {2, 4, 4, 0, 4},
                           {1, 5, 1031, 4, 1029}};

const PictureNumbers kTorchvision = {.mean = {0.485f, 0.456f, 0.406f},
                                     .deviation = {0.229f, 0.224f, 0.225f}};
const PictureNumbers kCaffe = {
    .rescale_factor = 1.0, .mean = {104.0f, 117.0f, 123.0f}, .blue_first = true};

class CudaNormalizePictures : public CudaAgreement, public testing::WithParamInterface<CropCase> {
 protected:
  // Memory with room in front of what is read, so that it lies as the case says.
  Twin& pictures() {
    const CropCase& c = GetParam();
    const std::int64_t size = c.pictures * c.height * c.width * 3;
    const std::vector<float> values = random_floats(c.first + size, 5, 0.0f, 256.0f);
    std::vector<std::uint8_t> bytes;
    for (const float value : values) {
      bytes.push_back(std::uint8_t(value));
    }
    return this->bytes({{c.first + size}, DType::u8}, bytes);
  }
  Twin& places() {
    const CropCase& c = GetParam();
    const Random random(9, Purpose::crop);
    std::vector<std::int32_t> values;
    for (std::int64_t n = 0; n < c.pictures; ++n) {
      const auto draw = [&](std::int64_t most, std::uint64_t which) {
        return std::int32_t(random.below(std::uint32_t(most + 1), std::uint64_t(n), which));
      };
      values.push_back(draw(c.height - c.rows, 0));
      values.push_back(draw(c.width - c.columns, 1));
      values.push_back(n % 5 == 3 ? PicturePlace::kAbsent : std::int32_t(n % 2));
    }
    return integers({c.pictures, 3}, values);
  }
  Twin& planes(DType dtype) {
    const CropCase& c = GetParam();
    return blank({{c.first + c.pictures * 3 * c.rows * c.columns}, dtype});
  }
  static Tensor picture_view(const Tensor& whole) {
    const CropCase& c = GetParam();
    return whole.rows(c.first, whole.elements()).reshaped({c.pictures, c.height, c.width, 3});
  }
  static Tensor plane_view(const Tensor& whole) {
    const CropCase& c = GetParam();
    return whole.rows(c.first, whole.elements()).reshaped({c.pictures, 3, c.rows, c.columns});
  }
};

TEST_P(CudaNormalizePictures, GivesTheBitsOfTheCpu) {
  Twin& x = pictures();
  Twin& place = places();
  Twin& y = planes(DType::f32);
  for (const PictureNumbers& numbers : {kTorchvision, kCaffe}) {
    run([&](Context& context, auto on) {
      normalize_pictures(context, picture_view(on(x)), on(place), numbers, plane_view(on(y)));
    });
    expect_same(y);
  }
}

TEST_P(CudaNormalizePictures, RoundsThemToBf16) {
  Twin& x = pictures();
  Twin& place = places();
  Twin& y = planes(DType::f32);
  Twin& narrow = planes(DType::bf16);
  run([&](Context& context, auto on) {
    normalize_pictures(context, picture_view(on(x)), on(place), kTorchvision, plane_view(on(y)));
    if (context.device().is_cuda()) {
      normalize_pictures(context, picture_view(on(x)), on(place), kTorchvision,
                         plane_view(on(narrow)));
    }
  });
  const std::vector<float> want = on_cpu<float>(y);
  const std::vector<BFloat16> got = on_cuda<BFloat16>(narrow);
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t i = std::size_t(GetParam().first); i < want.size(); ++i) {
    ASSERT_EQ(got[i].bits, to_bfloat16(want[i]).bits) << "at " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, CudaNormalizePictures, testing::ValuesIn(kCases));

using CudaNormalizePicturesErrors = CudaAgreement;

TEST_F(CudaNormalizePicturesErrors, SpecsThatDoNotFitAreRefused) {
  const Twin& x = blank({{2, 8, 8, 3}, DType::u8});
  const Twin& place = integers({2, 3}, {0, 0, 0, 0, 0, 0});
  const Twin& y = blank({{2, 3, 9, 8}});
  const Twin& whole = blank({{2, 3, 8, 8}, DType::i32});
  const auto call = [&](const Twin& into) {
    normalize_pictures(cuda_context(), x.cuda.tensor, place.cuda.tensor, kCaffe, into.cuda.tensor);
  };
  EXPECT_THROW(call(y), ArgumentError);
  EXPECT_THROW(call(whole), ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
