// Columns of text for people.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lrcn {

// Rows of cells, printed with two blanks between the columns. The first column and those named as
// text are aligned to the left, numbers to the right. Widths count characters, not bytes.
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

// "1,234,567".
std::string grouped(std::int64_t number);
// "17 B", "1.5 KiB", "553.4 MiB".
std::string bytes_text(std::uint64_t bytes);
// Fixed notation.
std::string decimal_text(double value, int digits);

}  // namespace lrcn
