#include "tools/bench/shape_list.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <system_error>

#include "core/error.h"
#include "core/io/file.h"
#include "tools/train/nearest_name.h"

namespace lrcn {
namespace {

namespace fs = std::filesystem;

// Relative to the prefix, or absolute; from the build.
#ifdef LRCN_SHAPE_FOLDER
constexpr const char* kShapeFolder = LRCN_SHAPE_FOLDER;
#else
constexpr const char* kShapeFolder = "share/lrcn/shapes";
#endif
constexpr std::string_view kEnding = ".csv";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  const std::size_t end = text.find_last_not_of(" \t\r");
  return begin == std::string_view::npos ? "" : text.substr(begin, end - begin + 1);
}

std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> fields;
  for (std::size_t begin = 0;;) {
    const std::size_t comma = line.find(',', begin);
    fields.push_back(trimmed(line.substr(begin, comma - begin)));
    if (comma == std::string_view::npos) {
      return fields;
    }
    begin = comma + 1;
  }
}

std::string header_of(bool named, std::span<const ShapeColumn> columns) {
  std::string header = named ? "name" : "";
  for (const ShapeColumn& column : columns) {
    header += concat(header.empty() ? "" : ",", column.name);
  }
  return header;
}

std::int64_t number_of(const std::string& where, std::string_view text, const ShapeColumn& column) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  check<DataError>(result.ec == std::errc() && result.ptr == end && value >= column.least &&
                       value <= column.most,
                   where, ": ", column.name, " must be a whole number from ", column.least, " to ",
                   column.most, ", got '", text, "'");
  return value;
}

std::vector<fs::path> usual_folders() {
  std::error_code error;
  const fs::path beside = fs::read_symlink("/proc/self/exe", error).parent_path();
  return {beside / kShapeFolder, beside.parent_path() / kShapeFolder};
}

// The folder that holds the lists that come with lrcn.
fs::path shipped_folder(const fs::path& given) {
  std::string places;
  for (const fs::path& folder : given.empty() ? usual_folders() : std::vector{given}) {
    std::error_code error;
    if (fs::is_directory(folder, error)) {
      return folder;
    }
    places += (places.empty() ? "" : ", ") + folder.string();
  }
  fail<NotFoundError>("bench: the lists of shapes are in none of ", places,
                      "; give a file with --shapes");
}

}  // namespace

std::vector<ShapeRow> read_shapes(const fs::path& file, bool named,
                                  std::span<const ShapeColumn> columns) {
  const std::string text = read_file(file);
  const std::string header = header_of(named, columns);
  const std::size_t first = named ? 1 : 0;
  std::map<std::string, std::string, std::less<>> seen;  // name -> where
  std::vector<ShapeRow> rows;
  bool begun = false;
  int number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = trimmed(std::string_view(text).substr(begin, end - begin));
    begin = end + 1;
    const std::string where = concat(file.string(), ':', ++number);
    if (line.empty() || line.front() == '#') {
      continue;
    }
    const std::vector<std::string_view> fields = fields_of(line);
    if (!begun) {
      std::string found;
      for (const std::string_view field : fields) {
        found += concat(found.empty() ? "" : ",", field);
      }
      check<DataError>(found == header, where, ": expected the columns ", header, ", got '", line,
                       "'");
      begun = true;
      continue;
    }
    check<DataError>(fields.size() == first + columns.size(), where, ": expected ",
                     first + columns.size(), " fields (", header, "), got ", fields.size());
    ShapeRow row{.where = where, .name = std::string(named ? fields[0] : ""), .values = {}};
    check<DataError>(!named || !row.name.empty(), where, ": the name is empty");
    for (std::size_t i = 0; i < columns.size(); ++i) {
      row.values.push_back(number_of(where, fields[first + i], columns[i]));
    }
    if (named) {
      const auto [entry, fresh] = seen.emplace(row.name, where);
      check<DataError>(fresh, where, ": the name ", row.name, " stands already at ", entry->second);
    }
    rows.push_back(std::move(row));
  }
  check<DataError>(begun, file.string(), ": expected a line with the columns ", header,
                   ", found none");
  check<DataError>(!rows.empty(), file.string(), ":", number, ": there is no shape in the list");
  return rows;
}

fs::path find_shapes(std::string_view bench, const std::string& list, const fs::path& folder) {
  if (list.find('/') != std::string::npos || list.ends_with(kEnding)) {
    return list;
  }
  const fs::path shipped = shipped_folder(folder);
  const std::string prefix = concat(bench, '_');
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(shipped)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(prefix) && name.ends_with(kEnding)) {
      names.push_back(name.substr(prefix.size(), name.size() - prefix.size() - kEnding.size()));
    }
  }
  std::sort(names.begin(), names.end());
  if (std::find(names.begin(), names.end(), list) != names.end()) {
    return shipped / concat(prefix, list, kEnding);
  }
  std::string known;
  for (const std::string& name : names) {
    known += concat(known.empty() ? "" : ", ", name);
  }
  const std::string nearest = nearest_name(list, names);
  fail<ArgumentError>("bench: --shapes of ", bench, ": expected ", known,
                      known.empty() ? "" : " or ", "a CSV file, got '", list, "'",
                      nearest.empty() ? "" : concat("; did you mean ", nearest, "?"));
}

}  // namespace lrcn
