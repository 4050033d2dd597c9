#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <map>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/io/file.h"
#include "core/io/safetensors.h"
#include "tests/core/io/temporary_folder.h"
#include "tests/core/io/throws_with.h"
#include "tests/test_data.h"

namespace lrcn::test {
namespace {

SafetensorsContent parse(std::string_view file) {
  return parse_safetensors(std::as_bytes(std::span(file.data(), file.size())), "m.st");
}

std::string with_length(std::uint64_t length, std::string_view rest) {
  std::string file(8, '\0');
  std::memcpy(file.data(), &length, 8);
  return file += rest;
}

// A file with that header and `data_bytes` zero bytes behind it.
std::string file_of(std::string_view header, std::size_t data_bytes) {
  return with_length(header.size(), header) + std::string(data_bytes, '\0');
}

// A file of one tensor "t" with the fields as written.
std::string file_of_entry(const std::string& fields, std::size_t data_bytes) {
  return file_of("{\"t\":{" + fields + "}}", data_bytes);
}

TEST(SafetensorsRead, AcceptsAndRefusesThePublishedFiles) {
  const auto folder = test_data("safetensors");
  LRCN_SKIP_WITHOUT(folder);
  // What our message says for each error of the reference implementation.
  const std::map<std::string, std::string> messages = {
      {"reject: MetadataIncompleteBuffer",
       "expected the file to end with 16 bytes of data, got 34"},
      {"reject: HeaderTooLarge", "expected a header of at most 100000000 bytes, got the length "},
      {"reject: HeaderTooSmall", "in the first 8 bytes, got a file of 0 bytes"},
      {"reject: InvalidHeaderDeserialization", "header: line 1, column 2: syntax error"},
      {"reject: ValidationOverflow",
       "test.shape[1]: expected an integer within int64, got 18446744073709551614"},
      {"reject: InvalidOffset",
       "overlaps \"weight_0\": it begins at offset 0, the other ends at 16"},
  };
  std::ifstream table(folder / "EXPECTED.tsv");
  std::string line;
  std::getline(table, line);
  std::size_t rows = 0;
  for (; std::getline(table, line); ++rows) {
    std::istringstream fields(line);
    std::string name, bytes, expected;
    std::getline(fields, name, '\t');
    std::getline(fields, bytes, '\t');
    std::getline(fields, expected, '\t');
    if (expected == "valid") {
      EXPECT_NO_THROW(SafetensorsFile::open(folder / name)) << name;
    } else {
      ASSERT_EQ(messages.count(expected), 1u) << expected;
      const std::string message =
          message_of<DataError>([&] { SafetensorsFile::open(folder / name); });
      EXPECT_NE(message.find(messages.at(expected)), std::string::npos) << message;
      EXPECT_EQ(message.find((folder / name).string() + ": "), 0u) << message;
    }
  }
  EXPECT_EQ(rows, 11u);
}

TEST(SafetensorsRead, ShowsTheTensorsOfThePublishedFiles) {
  const auto folder = test_data("safetensors");
  LRCN_SKIP_WITHOUT(folder);
  const auto attention = SafetensorsFile::open(folder / "serialize_f32_attn0.safetensors");
  ASSERT_EQ(attention.tensors().size(), 1u);
  const StoredTensor& tensor = attention.at("attn.0");
  EXPECT_EQ(tensor.dtype, StoredDType::F32);
  EXPECT_EQ(tensor.shape, (std::vector<std::int64_t>{1, 2, 3}));
  std::vector<float> values(6);
  copy_as_f32(tensor, values);
  EXPECT_EQ(values, (std::vector<float>{0, 1, 2, 3, 4, 5}));

  const auto integers = SafetensorsFile::open(folder / "deserialization_0.safetensors");
  EXPECT_EQ(integers.at("test").dtype, StoredDType::I32);
  EXPECT_EQ(integers.at("test").bytes.size(), 16u);

  const auto empty = SafetensorsFile::open(folder / "zero_sized_tensor_0.safetensors");
  EXPECT_EQ(empty.at("test").shape, (std::vector<std::int64_t>{2, 0}));
  EXPECT_TRUE(empty.at("test").bytes.empty());

  const auto padded = SafetensorsFile::open(folder / "whitespace_padded_header_0.safetensors");
  EXPECT_TRUE(padded.tensors().empty());
}

TEST(SafetensorsRead, OrdersTensorsByTheirDataAndFindsThemByName) {
  const std::string file = file_of(
      R"({"b":{"dtype":"U8","shape":[3],"data_offsets":[4,7]},
          "__metadata__":{"format":"pt","note":""},
          "none":{"dtype":"F64","shape":[0,7],"data_offsets":[4,4]},
          "a":{"dtype":"F32","shape":[],"data_offsets":[0,4],"more":[1]}})",
      7);
  const SafetensorsContent content = parse(file);
  ASSERT_EQ(content.tensors.size(), 3u);
  EXPECT_EQ(content.tensors[0].name, "a");
  EXPECT_EQ(content.tensors[1].name, "none");
  EXPECT_EQ(content.tensors[2].name, "b");
  EXPECT_EQ(content.metadata, (SafetensorsMetadata{{"format", "pt"}, {"note", ""}}));

  const TemporaryFolder folder;
  write_file_atomically(folder / "m.st", file);
  SafetensorsFile opened = SafetensorsFile::open(folder / "m.st");
  const SafetensorsFile moved = std::move(opened);
  EXPECT_EQ(moved.at("b").bytes.size(), 3u);
  EXPECT_EQ(moved.find("c"), nullptr);
  EXPECT_TRUE(throws_with<DataError>("m.st: expected a tensor \"c\", which is missing",
                                     [&] { moved.at("c"); }));
}

TEST(SafetensorsRead, ReportsAbsentFiles) {
  EXPECT_THROW(SafetensorsFile::open("/none/model.safetensors"), NotFoundError);
}

TEST(SafetensorsRead, GivesUpOnAHeaderThatWouldFillTheMemory) {
  std::string header = "{\"a\":[0";
  for (int i = 0; i < 1 << 22; ++i) {
    header += ",0";
  }
  EXPECT_TRUE(throws_with<DataError>("expected at most 4194304 values",
                                     [&] { parse(file_of(header + "]}", 0)); }));
}

TEST(SafetensorsRead, NamesEveryBrokenRule) {
  const std::string good = R"("dtype":"F32","shape":[2,3],"data_offsets":[0,24])";
  ASSERT_EQ(parse(file_of_entry(good, 24)).tensors.size(), 1u);
  const std::string huge = "4611686018427387904";  // 2^62
  struct Case {
    std::string file;
    std::string_view message;
  };
  const Case cases[] = {
      {"1234567", "m.st: expected the header's length in the first 8 bytes, got a file of 7 bytes"},
      {with_length(100000001, "{}"), "at most 100000000 bytes, got the length 100000001"},
      {with_length(~std::uint64_t{0}, "{}"), "got the length 18446744073709551615"},
      {with_length(3, "{}"), "expected a header of 3 bytes, but the file ends after 2 of them"},
      {with_length(0, ""), "expected a header, got one of 0 bytes"},
      {file_of(" {}", 0), "expected the header to start with '{', got byte 32"},
      {file_of("\xef\xbb\xbf{}", 0), "expected the header to start with '{', got byte 239"},
      {file_of("{\"\xff\":1}", 0), "UTF-8, which it is not at byte 10 of the file"},
      {file_of("{]", 0), "m.st: header: line 1, column 2: syntax error"},
      {file_of("{} {}", 0), "m.st: header: line 1, column 4: syntax error"},
      {file_of("{\"t\":7}", 0), "m.st: header: t: expected an object, got an integer"},
      {file_of("{\"t\":{" + good + "},\"t\":{" + good + "}}", 24),
       "expected every key once, got \"t\" again"},
      {file_of("{\"__metadata__\":{},\"__metadata__\":{}}", 0),
       "expected every key once, got \"__metadata__\" again"},
      {file_of_entry(good + ",\"dtype\":\"F32\"", 24),
       "t: expected every key once, got \"dtype\" again"},
      {file_of_entry(R"("shape":[2,3],"data_offsets":[0,24])", 24),
       "t: expected the key \"dtype\", which is missing"},
      {file_of_entry(R"("dtype":"F32","data_offsets":[0,24])", 24),
       "t: expected the key \"shape\", which is missing"},
      {file_of_entry(R"("dtype":"F32","shape":[2,3])", 24),
       "t: expected the key \"data_offsets\", which is missing"},
      {file_of_entry(R"("dtype":"F33","shape":[2,3],"data_offsets":[0,24])", 24),
       "t.dtype: expected a dtype of the format, got \"F33\""},
      {file_of_entry(R"("dtype":4,"shape":[2,3],"data_offsets":[0,24])", 24),
       "t.dtype: expected a string, got an integer"},
      {file_of_entry(R"("dtype":"F32","shape":6,"data_offsets":[0,24])", 24),
       "t.shape: expected an array, got an integer"},
      {file_of_entry(R"("dtype":"F32","shape":[2,-3],"data_offsets":[0,24])", 24),
       "t.shape[1]: expected an integer in [0, 9223372036854775807], got -3"},
      {file_of_entry(R"("dtype":"F32","shape":[2,3.0],"data_offsets":[0,24])", 24),
       "t.shape[1]: expected an integer, got a real number"},
      {file_of_entry(R"("dtype":"F32","shape":[2,9223372036854775808],"data_offsets":[0,24])", 24),
       "t.shape[1]: expected an integer within int64"},
      {file_of_entry("\"dtype\":\"U8\",\"shape\":[" + huge + ",4],\"data_offsets\":[0,24]", 24),
       "t.shape: expected a size in whole bytes below 2^60, got U8[4611686018427387904,4]"},
      {file_of_entry("\"dtype\":\"F32\",\"shape\":[" + huge + "],\"data_offsets\":[0,24]", 24),
       "t.shape: expected a size in whole bytes below 2^60"},
      {file_of_entry("\"dtype\":\"F32\",\"shape\":[" + huge + ",4,0],\"data_offsets\":[0,0]", 0),
       "t.shape: expected a size in whole bytes below 2^60"},
      {file_of_entry(R"("dtype":"F4","shape":[3],"data_offsets":[0,1])", 1),
       "t.shape: expected a size in whole bytes below 2^60, got F4[3]"},
      {file_of_entry(R"("dtype":"F32","shape":[2,3],"data_offsets":[24])", 24),
       "t.data_offsets: expected two offsets"},
      {file_of_entry(R"("dtype":"F32","shape":[2,3],"data_offsets":24)", 24),
       "t.data_offsets: expected two offsets"},
      {file_of_entry(R"("dtype":"F32","shape":[2,3],"data_offsets":[-1,23])", 24),
       "t.data_offsets[0]: expected an integer in [0, 9223372036854775807], got -1"},
      {file_of_entry(R"("dtype":"F32","shape":[2,3],"data_offsets":[24,0])", 24),
       "t.data_offsets: expected begin <= end, got [24, 0]"},
      {file_of_entry(R"("dtype":"F32","shape":[2,3],"data_offsets":[0,23])", 23),
       "t.data_offsets: expected 24 bytes for F32[2,3], got [0, 23]"},
      {file_of_entry(R"("dtype":"F64","shape":[2,3],"data_offsets":[0,24])", 24),
       "t.data_offsets: expected 48 bytes for F64[2,3], got [0, 24]"},
      {file_of_entry(R"("dtype":"U8","shape":[4],"data_offsets":[2,6])", 6),
       "tensor \"t\" leaves a hole: expected it to begin at offset 0, got 2"},
      {file_of(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},
                   "b":{"dtype":"U8","shape":[4],"data_offsets":[3,7]}})",
               7),
       "tensor \"b\" overlaps \"a\": it begins at offset 3, the other ends at 4"},
      {file_of(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},
                   "b":{"dtype":"U8","shape":[4],"data_offsets":[5,9]}})",
               9),
       "tensor \"b\" leaves a hole: expected it to begin at offset 4, got 5"},
      {file_of(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},
                   "b":{"dtype":"U8","shape":[0],"data_offsets":[2,2]}})",
               4),
       "tensor \"b\" overlaps \"a\""},
      {file_of_entry(good, 25), "expected the file to end with 24 bytes of data, got 1 bytes more"},
      {file_of("{}", 1), "expected the file to end with 0 bytes of data, got 1 bytes more"},
      {file_of_entry(good, 23), "tensor \"t\" is cut off: expected 24 bytes of data, got 23"},
      {file_of(R"({"__metadata__":[]})", 0), "__metadata__: expected an object, got an array"},
      {file_of(R"({"__metadata__":{"a":1}})", 0),
       "__metadata__.a: expected a string, got an integer"},
      {file_of(R"({"__metadata__":{"a":{"b":"c"}}})", 0),
       "__metadata__.a: expected a string, got an object"},
  };
  for (const Case& row : cases) {
    const std::string message = message_of<DataError>([&] { parse(row.file); });
    EXPECT_NE(message.find(row.message), std::string::npos)
        << row.message << "\n  for " << row.file << "\n  got " << message;
    EXPECT_EQ(message.find("m.st: "), 0u) << message;
  }
}

// A valid file with escapes, metadata, an empty and an unaligned tensor.
std::string sample() {
  return file_of(R"({"__metadata__":{"k":"v\n"},"a\u00fc":{"dtype":"BF16","shape":[1,2],)"
                 R"("data_offsets":[0,4]},"e":{"dtype":"I64","shape":[0],"data_offsets":[4,4]},)"
                 R"("b":{"dtype":"U8","shape":[3],"data_offsets":[4,7]}}  )",
                 7);
}

TEST(SafetensorsRead, RefusesAFileCutAtAnyByte) {
  const std::string file = sample();
  ASSERT_EQ(parse(file).tensors.size(), 3u);
  for (std::size_t size = 0; size < file.size(); ++size) {
    // A copy of its own, so that a sanitizer sees the first byte read behind the end.
    const std::vector<char> cut(file.begin(), file.begin() + std::ptrdiff_t(size));
    EXPECT_TRUE(throws_with<DataError>("m.st: ", [&] { parse({cut.data(), cut.size()}); })) << size;
  }
}

TEST(SafetensorsRead, ReadsOrRefusesEveryFileWithOneHeaderByteChanged) {
  const std::string file = sample();
  std::size_t accepted = 0;
  for (std::size_t at = 0; at < file.size() - 7; ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::vector<char> changed(file.begin(), file.end());
      changed[at] = char(byte);
      try {
        std::size_t bytes = 0;
        for (const StoredTensor& tensor : parse({changed.data(), changed.size()}).tensors) {
          bytes += tensor.bytes.size();
        }
        EXPECT_EQ(bytes, 7u);
        ++accepted;
      } catch (const DataError&) {
      }
    }
  }
  EXPECT_GT(accepted, file.size());
  EXPECT_LT(accepted, file.size() * 128);
}

TEST(SafetensorsRead, RefusesAHostileHeaderOfManyTensorsInGoodTime) {
  std::string header = "{";
  for (int i = 0; i < 100000; ++i) {
    header += concat('"', i, R"(":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)");
  }
  header += R"("x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})";
  EXPECT_TRUE(throws_with<DataError>("overlaps", [&] { parse(file_of(header, 1)); }));
}

}  // namespace
}  // namespace lrcn::test
