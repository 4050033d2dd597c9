// Reading whole files, mapping them, and replacing files and folders so that a crash, a full disk
// or kill -9 at any moment leaves either the old content whole or the new one.
//
// Errors: NotFoundError for input that is absent, IoError for the rest, both with the step, the
// path and the reason of the system: "write /x/y: No space left on device".
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/io/file_system.h"

namespace lrcn {

class Descriptor;

// The content of a file.
std::string read_file(const std::filesystem::path& path,
                      const FileSystem& system = posix_file_system());

// A file in memory, read-only, loaded page by page on access. Another process that shortens the
// file meanwhile breaks access to the pages behind its end (SIGBUS); files replaced by AtomicFile
// are safe.
class MappedFile {
 public:
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;

  // Stays at the same address when the owner is moved.
  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  std::span<const std::byte> bytes_;
};

// Writes a file under a temporary name in the same folder and puts it in place with commit().
// Without commit(), or when a step fails, the temporary is removed and the old file stays. A link
// is followed: the file behind it is replaced. Only kill -9 leaves a temporary (.NAME.PID-K.tmp).
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path target, const FileSystem& system = posix_file_system());
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);
  // Brings the bytes to the disk, renames over the target and brings the folder to the disk. When
  // only that last step fails, IoError is thrown and the new file is in place.
  void commit();

 private:
  void abandon() noexcept;

  const FileSystem& system_;
  std::filesystem::path target_;
  std::filesystem::path temporary_;
  std::unique_ptr<Descriptor> descriptor_;  // empty after commit() and after a failure
};

void write_file_atomically(const std::filesystem::path& path, std::string_view content,
                           const FileSystem& system = posix_file_system());

// Puts the folder `temporary` in the place of `target`, which may exist, and removes the old one;
// both lie in the same file system. What is inside `temporary` is brought to the disk before.
// Afterwards nothing is called `temporary`; when the process is killed meanwhile, it may hold the
// old or the new content and can be removed.
//
// File systems that cannot exchange two names (NFS) get two renames, the old folder being called
// ".NAME.replaced" in between; killed at that point, recover_directory finds it. An IoError of the
// last steps (fsync of the parent folder, removal of the old folder) leaves the new folder in
// place.
void replace_directory_atomically(const std::filesystem::path& temporary,
                                  const std::filesystem::path& target,
                                  const FileSystem& system = posix_file_system());

// To call before reading a folder that replace_directory_atomically may have written: puts
// ".NAME.replaced" back when there is no folder `target`. Returns whether it did.
bool recover_directory(const std::filesystem::path& target,
                       const FileSystem& system = posix_file_system());

}  // namespace lrcn
