#include "tools/train/tensor_file.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/buffer.h"
#include "core/error.h"
#include "tests/core/io/faulty_file_system.h"
#include "tests/core/io/temporary_folder.h"
#include "tests/core/io/throws_with.h"
#include "tools/train/weights.h"

namespace lrcn::test {
namespace {

// Tensors with their memory.
class Tensors {
 public:
  NamedTensor& add(std::string name, const Shape& shape, float first) {
    owned_.emplace_back(Device::cpu(), TensorSpec{shape});
    named_.push_back({std::move(name), owned_.back().tensor});
    const auto values = named_.back().tensor.span<float>();
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = first + float(i);
    }
    return named_.back();
  }
  std::span<const NamedTensor> named() const { return named_; }
  float first(std::size_t i) const { return named_[i].tensor.span<float>()[0]; }

 private:
  std::vector<OwnedTensor> owned_;
  std::vector<NamedTensor> named_;
};

class TensorFile : public testing::Test {
 protected:
  // The file that most tests read.
  std::filesystem::path written() {
    Tensors tensors;
    tensors.add("features.0.weight", {2, 3}, 1.0f);
    tensors.add("features.0.bias", {2}, 10.0f);
    const auto path = folder_ / "model.safetensors";
    save_tensors(path, tensors.named(), {{"format", "pt"}});
    return path;
  }

  // A file of one tensor "w" [2] whose elements have the given bits.
  template <class Element>
  std::filesystem::path stored(StoredDType dtype, std::vector<Element> elements) {
    const auto path = folder_ / "other.safetensors";
    const StoredTensor tensor{"w", dtype, {2}, std::as_bytes(std::span(elements))};
    write_safetensors(path, std::span(&tensor, 1));
    return path;
  }

  TemporaryFolder folder_;
};

TEST_F(TensorFile, IsReadBackAsWritten) {
  const auto path = written();
  Tensors target;
  target.add("features.0.bias", {2}, 0.0f);
  target.add("features.0.weight", {2, 3}, 0.0f);
  const LoadReport report = load_tensors(path, target.named());
  EXPECT_EQ(target.first(0), 10.0f);
  EXPECT_EQ(target.first(1), 1.0f);
  EXPECT_EQ(target.named()[1].tensor.span<float>()[5], 6.0f);
  EXPECT_EQ(report.loaded, (std::vector<std::string>{"features.0.bias", "features.0.weight"}));
  EXPECT_TRUE(report.missing.empty());
  EXPECT_TRUE(report.unexpected.empty());
  EXPECT_EQ(SafetensorsFile::open(path).metadata().at("format"), "pt");
}

TEST_F(TensorFile, NamesAMissingTensorAndTheNearestOne) {
  Tensors target;
  target.add("features.0.weight", {2, 3}, -1.0f);
  target.add("features.1.bias", {2}, -1.0f);
  const std::string message =
      message_of<DataError>([&] { load_tensors(written(), target.named()); });
  EXPECT_NE(message.find("model.safetensors: tensor \"features.1.bias\" is missing; the nearest "
                         "name is \"features.0.bias\" (1 missing, 1 unexpected)"),
            std::string::npos)
      << message;
  EXPECT_EQ(target.first(0), -1.0f);
}

TEST_F(TensorFile, NamesAnUnexpectedTensor) {
  Tensors target;
  target.add("features.0.weight", {2, 3}, -1.0f);
  EXPECT_TRUE(throws_with<DataError>(
      "tensor \"features.0.bias\" is not one of this model; the nearest name is",
      [&] { load_tensors(written(), target.named()); }));
  EXPECT_EQ(target.first(0), -1.0f);
}

TEST_F(TensorFile, LoadsWhatFitsWhenNotStrict) {
  Tensors target;
  target.add("features.0.weight", {2, 3}, -1.0f);
  target.add("decoder.weight", {2}, -5.0f);
  const LoadReport report = load_tensors(written(), target.named(), {.strict = false});
  EXPECT_EQ(target.first(0), 1.0f);
  EXPECT_EQ(target.first(1), -5.0f);
  EXPECT_EQ(report.loaded, std::vector<std::string>{"features.0.weight"});
  EXPECT_EQ(report.missing, std::vector<std::string>{"decoder.weight"});
  EXPECT_EQ(report.unexpected, std::vector<std::string>{"features.0.bias"});
}

TEST_F(TensorFile, MapsPrefixesAndIgnoresByPattern) {
  Tensors target;
  target.add("encoder.features.0.weight", {2, 3}, -1.0f);
  load_tensors(written(), target.named(), {.prefixes = {{"", "encoder."}}, .ignore = {"*.bias"}});
  EXPECT_EQ(target.first(0), 1.0f);
  Tensors renamed;
  renamed.add("conv.0.weight", {2, 3}, -1.0f);
  renamed.add("conv.0.bias", {2}, -1.0f);
  load_tensors(written(), renamed.named(),
               {.prefixes = {{"classifier.", "fc."}, {"features.", "conv."}, {"", "never."}}});
  EXPECT_EQ(renamed.first(1), 10.0f);
}

TEST_F(TensorFile, RefusesTwoTensorsThatBecomeOne) {
  Tensors tensors;
  tensors.add("a.w", {2}, 1.0f);
  tensors.add("b.w", {2}, 2.0f);
  save_tensors(folder_ / "two", tensors.named());
  Tensors target;
  target.add("b.w", {2}, -1.0f);
  EXPECT_TRUE(throws_with<DataError>("tensors \"a.w\" and \"b.w\" would both become \"b.w\"", [&] {
    load_tensors(folder_ / "two", target.named(), {.prefixes = {{"a.", "b."}}});
  }));
}

TEST_F(TensorFile, RefusesAnotherShape) {
  for (const Shape& shape : {Shape{3, 2}, Shape{6}, Shape{2, 3, 1}, Shape{2, 4}}) {
    Tensors target;
    target.add("features.0.bias", {2}, -1.0f);
    target.add("features.0.weight", shape, -1.0f);
    EXPECT_TRUE(throws_with<DataError>(
        concat("tensor \"features.0.weight\" must have the shape ", shape, ", got [2,3]"),
        [&] { load_tensors(written(), target.named(), {.strict = false}); }));
    EXPECT_EQ(target.first(0), -1.0f);
  }
}

TEST_F(TensorFile, ConvertsHalfPrecision) {
  Tensors target;
  target.add("w", {2}, 0.0f);
  load_tensors(stored<std::uint16_t>(StoredDType::BF16, {0x3fc0, 0xc000}), target.named());
  EXPECT_EQ(target.named()[0].tensor.span<float>()[0], 1.5f);
  EXPECT_EQ(target.named()[0].tensor.span<float>()[1], -2.0f);
  load_tensors(stored<std::uint16_t>(StoredDType::F16, {0x3e00, 0x0001}), target.named());
  EXPECT_EQ(target.named()[0].tensor.span<float>()[0], 1.5f);
  EXPECT_EQ(target.named()[0].tensor.span<float>()[1], std::ldexp(1.0f, -24));
}

TEST_F(TensorFile, RefusesOtherTypes) {
  Tensors target;
  target.add("w", {2}, -1.0f);
  const auto refused = [&](const std::filesystem::path& path, std::string_view type) {
    return throws_with<DataError>(concat("tensor \"w\" must be F32, BF16 or F16, got ", type),
                                  [&] { load_tensors(path, target.named()); });
  };
  EXPECT_TRUE(refused(stored<double>(StoredDType::F64, {1.0, 2.0}), "F64"));
  EXPECT_TRUE(refused(stored<std::int64_t>(StoredDType::I64, {1, 2}), "I64"));
  EXPECT_TRUE(refused(stored<std::uint8_t>(StoredDType::U8, {1, 2}), "U8"));
  EXPECT_EQ(target.first(0), -1.0f);
}

TEST_F(TensorFile, RefusesNanAndInfinity) {
  Tensors target;
  target.add("w", {2}, -1.0f);
  for (const float bad : {NAN, INFINITY, -INFINITY}) {
    EXPECT_TRUE(throws_with<DataError>(
        concat("other.safetensors: tensor \"w\" holds ", bad, " at element 1"), [&] {
          load_tensors(stored<float>(StoredDType::F32, {1.0f, bad}), target.named());
        }));
  }
  EXPECT_THROW(
      verify_tensors(stored<std::uint16_t>(StoredDType::BF16, {0x3f80, 0x7f80}), target.named()),
      DataError);
  EXPECT_EQ(target.first(0), -1.0f);
  Tensors bad;
  bad.add("w", {2}, NAN);
  EXPECT_TRUE(throws_with<DataError>("\"w\" holds nan at element 0",
                                     [&] { save_tensors(folder_ / "bad", bad.named()); }));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "bad"));
}

TEST_F(TensorFile, RefusesWhatIsNoWeightFile) {
  Tensors target;
  target.add("w", {2}, -1.0f);
  EXPECT_THROW(load_tensors(folder_ / "absent", target.named()), NotFoundError);
  write_file_atomically(folder_ / "text", "This is no model at all.");
  EXPECT_THROW(load_tensors(folder_ / "text", target.named()), DataError);
  const std::string whole = read_file(written());
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    write_file_atomically(folder_ / "cut", whole.substr(0, size));
    EXPECT_THROW(load_tensors(folder_ / "cut", target.named()), DataError) << size;
  }
}

TEST_F(TensorFile, StaysWholeWhenTheDiskIsFull) {
  const auto path = written();
  const std::string old = read_file(path);
  Tensors changed;
  changed.add("features.0.weight", {2, 3}, 100.0f);
  FaultyFileSystem files;
  files.fault = FaultyFileSystem::Fault::error;
  files.code = ENOSPC;
  for (files.at = 0; files.at < 4; ++files.at) {
    files.log.clear();
    EXPECT_TRUE(throws_with<IoError>("No space left on device",
                                     [&] { save_tensors(path, changed.named(), {}, files); }));
    EXPECT_EQ(read_file(path), old);
  }
}

TEST_F(TensorFile, HoldsAllWeightsOfAStoreByName) {
  const auto make = [](std::uint64_t seed) {
    ParamStore params(Device::cpu(), seed);
    params.freeze("encoder.*");
    params.declare("encoder.features.0.weight", {4, 3, 3, 3}, Initializer::kaiming(), {});
    params.declare("decoder.lstm0.weight_ih", {8, 5}, Initializer::uniform(0.08f), {});
    params.allocate(false);
    return params;
  };
  const ParamStore source = make(1);
  ParamStore target = make(2);
  ASSERT_NE(source.get_value(0), target.get_value(0));
  save_weights(source, folder_ / "model.safetensors");
  const std::uint64_t version = target.version();
  load_weights(target, folder_ / "model.safetensors");
  EXPECT_EQ(target.get_value(0), source.get_value(0));
  EXPECT_EQ(target.get_value(1), source.get_value(1));
  EXPECT_NE(target.version(), version);
  const SafetensorsFile file = SafetensorsFile::open(folder_ / "model.safetensors");
  EXPECT_EQ(file.at("encoder.features.0.weight").shape, (std::vector<std::int64_t>{4, 3, 3, 3}));
  EXPECT_EQ(file.metadata().at("format"), "pt");
}

}  // namespace
}  // namespace lrcn::test
