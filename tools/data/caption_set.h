// Pictures with their captions, whatever file they come from.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace lrcn {

struct CaptionSet {
  struct Item {
    std::string file_name;       // as the file with the captions has it
    std::filesystem::path path;  // inside of the image folder
    std::int64_t image_id = 0;   // unique in the set, not negative
    std::string split;           // "train", "val" or "test"
    // UTF-8, without blanks at the ends and not empty; line breaks may stand inside. None for a
    // picture that nobody has described.
    std::vector<std::string> captions;
  };

  std::vector<Item> items;  // in the order of the file
};

// The items of one split.
CaptionSet select_split(const CaptionSet& set, std::string_view split);

// Throws NotFoundError that names the pictures that are not on the disk: their number and the first
// fifty paths.
void check_files_exist(const CaptionSet& set);

// For the readers of caption files.

// Whether `name` names a file inside of a folder: neither empty nor absolute, and without "..".
bool stays_inside(std::string_view name);
// `text` without blanks and line breaks at its ends. Throws DataError when it is not UTF-8.
std::string strip_blanks(std::string_view text);

}  // namespace lrcn
