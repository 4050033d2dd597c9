// Columns of text for people.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lrcn {

// Rows of cells, each made printable, with two blanks between the columns. Widths count characters,
// not bytes.
class DataTable {
 public:
  enum class Align { left, right };

  explicit DataTable(std::vector<Align> columns) : columns_(std::move(columns)) {}

  // Throws ArgumentError for another number of cells than there are columns.
  void add(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }
  // Each line begins with `indent` and ends in a line break.
  std::string text(const std::string& indent = "") const;

 private:
  std::vector<Align> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// Names and words of files, which may hold anything, as they can go to a terminal and into one
// field of a line: control characters become \t, \n, \r and \x1b.
std::string printable(std::string_view text);
// "1,234,567".
std::string grouped(std::int64_t number);
// "17 B", "1.5 KiB", "553.4 MiB".
std::string bytes_text(std::uint64_t bytes);
// Fixed notation.
std::string decimal_text(double value, int digits);

}  // namespace lrcn
