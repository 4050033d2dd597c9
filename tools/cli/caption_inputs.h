// The pictures that a command line asks for, one after the other.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tools/cli/caption_lines.h"
#include "tools/data/caption_set.h"

namespace lrcn {

struct PictureInput {
  std::string name;  // as data and messages call it
  std::filesystem::path path;
  std::optional<std::int64_t> image_id;  // of a picture from a file of captions
};

// Finds pictures only as they are asked for: neither lists nor folders are read ahead.
//
//   FILE        a picture, whatever its name; whether it is there is found out when it is read
//   FOLDER      all pictures in it and the folders below, in the order of their names: files called
//               .jpg .jpeg .png .bmp .webp, and those that begin as JPEG, PNG or WebP do. Hidden
//               files and folders and links to folders are left out.
//   @LIST       a text file with a path of a file or folder in each line
//   -           such a list on standard input
//
// Paths in lists are relative to the current folder; empty lines do not count.
class PictureInputs {
 public:
  explicit PictureInputs(std::vector<std::string> arguments);
  explicit PictureInputs(const CaptionSet& set);

  // The next picture; nothing at the end, and when `stop` becomes true while a list keeps it
  // waiting. Throws NotFoundError for a list that is absent and for a folder without pictures,
  // IoError.
  std::optional<PictureInput> next(const StopRequested& stop = {});
  // How many pictures are left, if fewer than `limit`, else `limit`; fewer when `stop` becomes
  // true.
  std::size_t left(std::size_t limit, const StopRequested& stop = {});

 private:
  struct Folder {
    std::vector<std::filesystem::path> entries;  // the last comes first
  };

  std::optional<PictureInput> find(const StopRequested& stop);
  // The next argument or line of the list; false at the end of both.
  bool next_path(std::string& path, const StopRequested& stop);
  std::optional<PictureInput> find_in_folders();
  void open_folder(const std::filesystem::path& path);

  std::deque<std::string> arguments_;
  std::deque<PictureInput> found_;
  std::optional<LineReader> list_;
  std::vector<Folder> folders_;     // the innermost last
  std::filesystem::path searched_;  // the outermost folder, while nothing was found in it
};

}  // namespace lrcn
