#include "tools/data/caption_set.h"

#include <algorithm>
#include <iterator>
#include <system_error>

#include "core/error.h"
#include "tools/data/code_points.h"

namespace lrcn {

CaptionSet select_split(const CaptionSet& set, std::string_view split) {
  CaptionSet selected;
  std::ranges::copy_if(set.items, std::back_inserter(selected.items),
                       [split](const CaptionSet::Item& item) { return item.split == split; });
  return selected;
}

void check_files_exist(const CaptionSet& set) {
  constexpr std::size_t kNamed = 50;
  std::size_t missing = 0;
  std::string names;
  for (const CaptionSet::Item& item : set.items) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(item.path, error)) {
      names += ++missing <= kNamed ? "\n  " + item.path.string() : "";
    }
  }
  check<NotFoundError>(missing == 0, "captions: ", missing, " of ", set.items.size(),
                       " pictures are not there:", names,
                       missing > kNamed ? concat("\n  and ", missing - kNamed, " more") : "");
}

bool stays_inside(std::string_view name) {
  const std::filesystem::path path(name);
  return name.find('\0') == name.npos && path.has_filename() && !path.is_absolute() &&
         std::ranges::find(path, "..") == path.end();
}

std::string strip_blanks(std::string_view text) {
  const std::u32string code_points = decode_utf8(text, "strip_blanks");
  const auto first = std::ranges::find_if_not(code_points, is_blank);
  const auto last = std::find_if_not(code_points.rbegin(), std::reverse_iterator(first), is_blank);
  std::string stripped;
  for (auto c = first; c != last.base(); ++c) {
    append_utf8(stripped, *c);
  }
  return stripped;
}

}  // namespace lrcn
