#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/io/file.h"
#include "core/io/safetensors.h"
#include "tests/core/io/faulty_file_system.h"
#include "tests/core/io/temporary_folder.h"
#include "tests/core/io/throws_with.h"
#include "tests/test_data.h"

namespace lrcn::test {
namespace {

std::span<const std::byte> bytes_of_text(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

TEST(SafetensorsWrite, ProducesThePublishedFilesByteForByte) {
  const auto published = test_data("safetensors");
  LRCN_SKIP_WITHOUT(published);
  const TemporaryFolder folder;
  const std::array<float, 6> values = {0, 1, 2, 3, 4, 5};
  const StoredTensor padded{
      "attn0", StoredDType::F32, {1, 1, 2, 3}, std::as_bytes(std::span(values))};
  write_safetensors(folder / "x", std::span(&padded, 1));
  EXPECT_EQ(read_file(folder / "x"),
            read_file(published / "serialize_forced_alignment.safetensors"));
  const StoredTensor plain{"attn.0", StoredDType::F32, {1, 2, 3}, std::as_bytes(std::span(values))};
  write_safetensors(folder / "x", std::span(&plain, 1));
  EXPECT_EQ(read_file(folder / "x"), read_file(published / "serialize_f32_attn0.safetensors"));
}

// tests/golden/make_safetensors.py wrote the file with the reference implementation.
TEST(SafetensorsWrite, ProducesWhatTheReferenceWriterDoesForEveryDtype) {
  const auto path = golden("safetensors_all_dtypes.safetensors");
  const auto reference = SafetensorsFile::open(path);
  std::vector<StoredTensor> tensors = reference.tensors();
  ASSERT_EQ(tensors.size(), 21u);
  EXPECT_EQ(reference.metadata().at("format"), "püt\n");
  EXPECT_EQ(reference.at("weight.0").bytes[5], std::byte{5});
  EXPECT_EQ(reference.at("a \"quoted\" \\ name 13").bytes[1], std::byte{(37 * 13 + 1) % 256});

  const TemporaryFolder folder;
  std::mt19937 random(3);
  for (int i = 0; i < 5; ++i) {
    std::shuffle(tensors.begin(), tensors.end(), random);
    write_safetensors(folder / "x", tensors, reference.metadata());
    EXPECT_EQ(read_file(folder / "x"), read_file(path));
  }
}

TEST(SafetensorsWrite, ReadsBackTensorsOfEveryDtype) {
  const TemporaryFolder folder;
  const std::string data(8 * 24, 'x');
  std::vector<StoredTensor> tensors;
  for (int i = 0; i <= int(StoredDType::U64); ++i) {
    const auto dtype = StoredDType(i);
    tensors.push_back({"all/" + std::string(name_of(dtype)),
                       dtype,
                       {2, 1, 12},
                       bytes_of_text(data).first(24 * bits_of(dtype) / 8)});
    tensors.push_back({"empty/" + std::string(name_of(dtype)), dtype, {3, 0}, {}});
  }
  write_safetensors(folder / "x", tensors, {{"step", "7"}});
  const auto file = SafetensorsFile::open(folder / "x");
  EXPECT_EQ(file.tensors().size(), tensors.size());
  EXPECT_EQ(file.metadata(), (SafetensorsMetadata{{"step", "7"}}));
  for (const StoredTensor& tensor : tensors) {
    const StoredTensor& read = file.at(tensor.name);
    EXPECT_EQ(read.dtype, tensor.dtype);
    EXPECT_EQ(read.shape, tensor.shape);
    EXPECT_TRUE(std::ranges::equal(read.bytes, tensor.bytes)) << tensor.name;
  }
}

TEST(SafetensorsWrite, AlignsTheDataOfEveryTensor) {
  const TemporaryFolder folder;
  const std::string data(64, 'x');
  const std::vector<StoredTensor> tensors = {
      {"u8", StoredDType::U8, {3}, bytes_of_text(data).first(3)},
      {"f32", StoredDType::F32, {1}, bytes_of_text(data).first(4)},
      {"bf16", StoredDType::BF16, {3}, bytes_of_text(data).first(6)},
      {"i64", StoredDType::I64, {2}, bytes_of_text(data).first(16)}};
  write_safetensors(folder / "x", tensors);
  const auto file = SafetensorsFile::open(folder / "x");
  for (const StoredTensor& tensor : file.tensors()) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tensor.bytes.data()) % (bits_of(tensor.dtype) / 8),
              0u)
        << tensor.name;
  }
}

TEST(SafetensorsWrite, WritesAFileWithoutTensors) {
  const TemporaryFolder folder;
  write_safetensors(folder / "x", {});
  EXPECT_EQ(read_file(folder / "x"), std::string("\x08\0\0\0\0\0\0\0{}      ", 16));
  EXPECT_TRUE(SafetensorsFile::open(folder / "x").tensors().empty());
}

TEST(SafetensorsWrite, RefusesTensorsThatTheFormatCannotHold) {
  const TemporaryFolder folder;
  const auto four = bytes_of_text("abcd");
  const auto refusal = [&](std::vector<StoredTensor> tensors, SafetensorsMetadata metadata = {}) {
    return message_of<ArgumentError>([&] { write_safetensors(folder / "x", tensors, metadata); });
  };
  const StoredTensor good{"a", StoredDType::F32, {1}, four};
  const StoredTensor same_name{"a", StoredDType::U8, {4}, four};
  const StoredTensor wrong_size{"a", StoredDType::F32, {2}, four};
  const StoredTensor negative{"a", StoredDType::F32, {-1}, four};
  const StoredTensor overflow{"a", StoredDType::U8, {std::int64_t{1} << 62, 8}, four};
  EXPECT_EQ(refusal({good, same_name}),
            "write_safetensors: expected every name once, got \"a\" again");
  EXPECT_NE(
      refusal({wrong_size}).find("\"a\": got 4 bytes, which is not the size of its F32 shape (8)"),
      std::string::npos);
  EXPECT_NE(refusal({negative}).find("not a valid size"), std::string::npos);
  EXPECT_NE(refusal({overflow}).find("not a valid size"), std::string::npos);
  EXPECT_NE(refusal({{"__metadata__", StoredDType::F32, {1}, four}}).find("reserved"),
            std::string::npos);
  EXPECT_NE(refusal({{"\xff", StoredDType::F32, {1}, four}}).find("UTF-8 names"),
            std::string::npos);
  EXPECT_NE(refusal({good}, {{"k", "\xff"}}).find("UTF-8 metadata"), std::string::npos);
  EXPECT_TRUE(folder.names().empty());
}

TEST(SafetensorsWrite, KeepsTheOldFileWhenTheDiskIsFull) {
  const TemporaryFolder folder;
  const StoredTensor tensor{"a", StoredDType::U8, {4}, bytes_of_text("abcd")};
  write_safetensors(folder / "x", std::span(&tensor, 1));
  const std::string old = read_file(folder / "x");
  for (std::size_t step = 0; step < 6; ++step) {  // open, three writes, fsync, close
    FaultyFileSystem system;
    system.fault = FaultyFileSystem::Fault::error;
    system.at = step;
    system.code = ENOSPC;
    EXPECT_TRUE(throws_with<IoError>("x: No space left on device", [&] {
      write_safetensors(folder / "x", std::span(&tensor, 1), {}, system);
    }));
    EXPECT_EQ(read_file(folder / "x"), old);
    EXPECT_EQ(folder.names(), std::vector<std::string>{"x"});
  }
}

TEST(StoredDType, KnowsTheTypesOfTensorsInMemory) {
  for (const DType dtype : {DType::f32, DType::bf16, DType::i32, DType::u8}) {
    EXPECT_EQ(to_dtype(to_stored(dtype)), dtype);
    EXPECT_EQ(bits_of(to_stored(dtype)), 8 * size_of(dtype));
  }
  EXPECT_EQ(to_dtype(StoredDType::F16), std::nullopt);
  EXPECT_EQ(to_dtype(StoredDType::BOOL), std::nullopt);
}

TEST(StoredDType, ReadsItsOwnNamesAlone) {
  for (int i = 0; i <= int(StoredDType::U64); ++i) {
    EXPECT_EQ(parse_stored_dtype(name_of(StoredDType(i))), StoredDType(i));
  }
  for (const char* name : {"", "f32", "F32 ", "F128", "FLOAT"}) {
    EXPECT_EQ(parse_stored_dtype(name), std::nullopt) << name;
  }
}

template <class Element>
std::vector<float> as_f32(StoredDType dtype, const std::vector<Element>& elements) {
  // One byte off, as data behind an unpadded header lie.
  std::vector<std::byte> unaligned(1 + elements.size() * sizeof(Element));
  std::ranges::copy(std::as_bytes(std::span(elements)), unaligned.begin() + 1);
  std::vector<float> values(elements.size());
  copy_as_f32({"t", dtype, {std::int64_t(elements.size())}, std::span(unaligned).subspan(1)},
              values);
  return values;
}

TEST(CopyAsF32, ConvertsEveryFloatingPointType) {
  EXPECT_EQ(as_f32(StoredDType::F32, std::vector<float>{1.5f, -0.1f}),
            (std::vector<float>{1.5f, -0.1f}));
  EXPECT_EQ(as_f32(StoredDType::F64, std::vector<double>{1.5, 0.1, 1e300}),
            (std::vector<float>{1.5f, 0.1f, std::numeric_limits<float>::infinity()}));
  EXPECT_EQ(as_f32(StoredDType::BF16, std::vector<std::uint16_t>{0x3fc0, 0xc000}),
            (std::vector<float>{1.5f, -2.0f}));
}

TEST(CopyAsF32, ConvertsEveryHalf) {
  std::vector<std::uint16_t> halves(65536);
  for (std::size_t i = 0; i < halves.size(); ++i) {
    halves[i] = std::uint16_t(i);
  }
  const std::vector<float> values = as_f32(StoredDType::F16, halves);
  // Published values: IEEE 754-2019 binary16.
  EXPECT_EQ(values[0x3c00], 1.0f);
  EXPECT_EQ(values[0xc000], -2.0f);
  EXPECT_EQ(values[0x7bff], 65504.0f);
  EXPECT_EQ(values[0x0400], 6.103515625e-05f);
  EXPECT_EQ(values[0x0001], 5.9604644775390625e-08f);
  EXPECT_EQ(values[0x3555], 0.333251953125f);
  EXPECT_TRUE(std::signbit(values[0x8000]));
  // The compiler's own conversion.
  for (std::size_t i = 0; i < halves.size(); ++i) {
    const auto expected = static_cast<float>(std::bit_cast<_Float16>(halves[i]));
    ASSERT_TRUE(values[i] == expected || (std::isnan(values[i]) && std::isnan(expected))) << i;
    ASSERT_EQ(std::signbit(values[i]), std::signbit(expected)) << i;
  }
}

TEST(CopyAsF32, RefusesOtherTypesAndSizes) {
  std::vector<float> out(4);
  const StoredTensor bytes{"t", StoredDType::U8, {4}, bytes_of_text("abcd")};
  EXPECT_TRUE(throws_with<DataError>("\"t\": expected F32, F64, F16 or BF16, got U8",
                                     [&] { copy_as_f32(bytes, out); }));
  const StoredTensor halves{"t", StoredDType::F16, {2}, bytes_of_text("abcd")};
  EXPECT_TRUE(throws_with<ArgumentError>("\"t\" has 2 elements, got room for 4",
                                         [&] { copy_as_f32(halves, out); }));
}

}  // namespace
}  // namespace lrcn::test
