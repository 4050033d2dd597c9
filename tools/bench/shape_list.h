// Lists of shapes to measure: CSV files, some of which come with lrcn.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lrcn {

// A whole number that every line of a list holds.
struct ShapeColumn {
  std::string_view name;
  std::int64_t least = 1;
  std::int64_t most = 1 << 24;
};

struct ShapeRow {
  std::string where;                 // "lstm_peer.csv:3", for messages about the values
  std::string name;                  // empty in lists whose first column is not `name`
  std::vector<std::int64_t> values;  // one for each column
};

// Reads a list: a line with the names of the columns, then a line for each shape, fields separated
// by commas. Blank lines and lines that begin with # do not count. `named`: a first column `name`,
// in which no name stands twice. Throws NotFoundError, and DataError with file and line for
// anything else, a list without shapes included.
std::vector<ShapeRow> read_shapes(const std::filesystem::path& file, bool named,
                                  std::span<const ShapeColumn> columns);

// The file that `list` means: a path when it holds a / or ends in .csv, otherwise BENCH_LIST.csv
// among the lists that come with lrcn, looked for beside the program and under its prefix, or in
// `folder` if one is given. Throws ArgumentError with the nearest name, NotFoundError when none of
// the folders is there.
std::filesystem::path find_shapes(std::string_view bench, const std::string& list,
                                  const std::filesystem::path& folder = {});

}  // namespace lrcn
