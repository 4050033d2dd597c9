#include "tools/bench/shape_list.h"

#include <gtest/gtest.h>

#include <array>

#include "core/error.h"
#include "core/io/file.h"
#include "tests/core/io/temporary_folder.h"

namespace lrcn::test {
namespace {

constexpr std::array<ShapeColumn, 2> kColumns = {{{"rows"}, {"pad", 0, 8}}};

class ShapeList : public testing::Test {
 protected:
  std::vector<ShapeRow> read(const std::string& text, bool named = true) const {
    write_file_atomically(file_, text);
    return read_shapes(file_, named, kColumns);
  }

  std::string refusal(const std::string& text) const {
    try {
      read(text);
    } catch (const DataError& error) {
      return error.what();
    }
    return "accepted";
  }

  TemporaryFolder folder_;
  std::filesystem::path file_ = folder_ / "list.csv";
};

TEST_F(ShapeList, ReadsNamesAndNumbers) {
  const auto rows = read("# of a test\n\nname, rows, pad\r\na,1,0\n  b , 16777216 , 8 ");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].name, "a");
  EXPECT_EQ(rows[0].values, (std::vector<std::int64_t>{1, 0}));
  EXPECT_EQ(rows[1].name, "b");
  EXPECT_EQ(rows[1].values, (std::vector<std::int64_t>{16777216, 8}));
  EXPECT_EQ(rows[1].where, file_.string() + ":5");
}

TEST_F(ShapeList, ReadsListsWithoutNames) {
  const auto rows = read("rows,pad\n3,2\n3,2\n", false);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[1].name, "");
  EXPECT_EQ(rows[1].values, (std::vector<std::int64_t>{3, 2}));
}

TEST_F(ShapeList, RefusesBadListsWithFileAndLine) {
  struct Case {
    const char* text;
    const char* line;  // as it stands behind the file
    const char* reason;
  };
  const std::array<Case, 13> cases = {{
      {"", ": ", "expected a line with the columns name,rows,pad"},
      {"# nothing\n", ": ", "expected a line with the columns name,rows,pad"},
      {"name,rows,pad\n# nothing\n", ":2: ", "there is no shape in the list"},
      {"a,1,0\n", ":1: ", "expected the columns name,rows,pad, got 'a,1,0'"},
      {"name,pad,rows\na,1,0\n", ":1: ", "expected the columns"},
      {"name,rows,pad\na,1\n", ":2: ", "expected 3 fields (name,rows,pad), got 2"},
      {"name,rows,pad\n#\na,1,0,\n", ":3: ", "expected 3 fields (name,rows,pad), got 4"},
      {"name,rows,pad\na,0,0\n", ":2: ", "rows must be a whole number from 1 to 16777216, got '0'"},
      {"name,rows,pad\na,1,9\n", ":2: ", "pad must be a whole number from 0 to 8, got '9'"},
      {"name,rows,pad\na,1,-1\n", ":2: ", "got '-1'"},
      {"name,rows,pad\na,1.5,0\n", ":2: ", "got '1.5'"},
      {"name,rows,pad\na,99999999999999999999,0\n", ":2: ", "got '99999999999999999999'"},
      {"name,rows,pad\n,1,0\n", ":2: ", "the name is empty"},
  }};
  for (const Case& each : cases) {
    const std::string message = refusal(each.text);
    EXPECT_TRUE(message.starts_with(file_.string() + each.line)) << each.text << ": " << message;
    EXPECT_NE(message.find(each.reason), std::string::npos) << each.text << ": " << message;
  }
}

TEST_F(ShapeList, RefusesANameThatStandsTwice) {
  const std::string message = refusal("name,rows,pad\na,1,0\nb,1,0\na,2,0\n");
  EXPECT_EQ(message,
            concat(file_.string(), ":4: the name a stands already at ", file_.string(), ":2"));
}

TEST_F(ShapeList, ReportsAnAbsentFile) {
  EXPECT_THROW(read_shapes(folder_ / "absent.csv", true, kColumns), NotFoundError);
}

TEST_F(ShapeList, FindsPathsAndListsByName) {
  EXPECT_EQ(find_shapes("conv", "mine.csv"), "mine.csv");
  EXPECT_EQ(find_shapes("conv", "./mine"), "./mine");
  write_file_atomically(folder_ / "conv_small.csv", "");
  write_file_atomically(folder_ / "lstm_large.csv", "");
  EXPECT_EQ(find_shapes("conv", "small", folder_.path()), folder_ / "conv_small.csv");
  try {
    find_shapes("conv", "smal", folder_.path());
    FAIL() << "found";
  } catch (const ArgumentError& error) {
    EXPECT_STREQ(error.what(),
                 "bench: --shapes of conv: expected small or a CSV file, got 'smal'; did you mean "
                 "small?");
  }
  EXPECT_THROW(find_shapes("conv", "small", folder_ / "absent"), NotFoundError);
}

// x: [channels, height, width] under out_channels square kernels.
std::int64_t multiply_adds(const ShapeRow& row) {
  const auto& v = row.values;
  const auto windows = [&](std::int64_t extent) { return (extent + 2 * v[7] - v[5]) / v[6] + 1; };
  return v[4] * (v[1] / v[8]) * v[5] * v[5] * windows(v[2]) * windows(v[3]);
}

TEST_F(ShapeList, TheListsThatComeWithLrcnHoldTheLayersOfTheirModels) {
  constexpr std::array<ShapeColumn, 9> columns = {{{"batch"},
                                                   {"channels"},
                                                   {"height"},
                                                   {"width"},
                                                   {"out_channels"},
                                                   {"kernel"},
                                                   {"stride"},
                                                   {"pad", 0},
                                                   {"groups"}}};
  const auto sum = [&](const char* list) {
    std::int64_t total = 0;
    for (const ShapeRow& row : read_shapes(find_shapes("conv", list), true, columns)) {
      total += multiply_adds(row);
    }
    return total;
  };
  EXPECT_EQ(sum("vgg16"), 15'346'630'656);
  EXPECT_EQ(sum("caffenet"), 665'784'864);
}

}  // namespace
}  // namespace lrcn::test
