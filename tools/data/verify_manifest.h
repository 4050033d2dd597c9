// manifest.json: what a data set consisted of when it was verified.
//
//   {"format": 1, "pictures": [{"file", "bytes", "sha256", "width", "height"}]}
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "core/io/file_system.h"
#include "tools/data/verify.h"

namespace lrcn {

// Replaces the file atomically, one line for each picture. Throws IoError, and DataError for a name
// that is not UTF-8.
void write_manifest(const std::filesystem::path& path, std::span<const PictureFacts> pictures,
                    const FileSystem& files = posix_file_system());

// Throws NotFoundError, or DataError with file and place for text that is not JSON, another format,
// a missing member, a wrong type, a checksum that is none, and a name that occurs twice.
std::vector<PictureFacts> read_manifest(const std::filesystem::path& path);

// Lines such as "train/1.png: 2043 bytes, the manifest says 2044", in the order of the manifest;
// new pictures last. None when both are the same.
std::vector<std::string> compare_with_manifest(std::span<const PictureFacts> manifest,
                                               const PictureFindings& found);

}  // namespace lrcn
