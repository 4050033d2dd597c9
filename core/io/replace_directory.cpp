// Replacing a folder: fsync of all that it holds, one exchange of two names, removal of the old
// one.
#include <cerrno>
#include <system_error>

#include "core/error.h"
#include "core/io/descriptor.h"
#include "core/io/file.h"

namespace lrcn {
namespace {

namespace fs = std::filesystem;

// Calls `visit` with every entry below `folder`, what a folder holds before the folder itself.
template <class Visit>
void walk(const fs::path& folder, const Visit& visit) {
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    const fs::file_status status = entries->symlink_status(error);
    if (error) {
      break;
    }
    if (fs::is_directory(status)) {
      walk(entries->path(), visit);
    }
    visit(entries->path(), status);
  }
  if (error) {
    fail_system("list", folder, error.value());
  }
}

void sync_tree(const FileSystem& system, const fs::path& folder) {
  walk(folder, [&](const fs::path& path, const fs::file_status& status) {
    if (fs::is_directory(status)) {
      sync_folder(system, path);
    } else if (fs::is_regular_file(status)) {
      open_to_read(system, path).sync(path);
    }
  });
  sync_folder(system, folder);
}

void remove_tree(const FileSystem& system, const fs::path& folder) {
  const auto remove = [&](const fs::path& path, bool is_folder) {
    if ((is_folder ? system.rmdir(path.c_str()) : system.unlink(path.c_str())) < 0) {
      fail_system("remove", path, errno);
    }
  };
  walk(folder, [&](const fs::path& path, const fs::file_status& status) {
    remove(path, fs::is_directory(status));
  });
  remove(folder, true);
}

// What stands there: nothing, or a folder; anything else is an error.
bool folder_exists(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::symlink_status(path, error);
  if (status.type() == fs::file_type::not_found) {
    return false;
  }
  check<IoError>(fs::is_directory(status), "replace folder ", path.native(),
                 ": expected a folder or nothing there");
  return true;
}

void rename_folder(const FileSystem& system, const fs::path& from, const fs::path& to) {
  if (system.rename(from.c_str(), to.c_str()) < 0) {
    fail_system(concat("rename ", from.native(), " to"), to, errno);
  }
}

// The name of the old folder between two renames.
fs::path set_aside(const fs::path& target) {
  return target.parent_path() / concat('.', target.filename().native(), ".replaced");
}

// "a/b" for "a/b/", whose last name is empty.
fs::path without_slash(const fs::path& path) {
  return path.has_filename() ? path : path.parent_path();
}

// Swaps `temporary` and `target` by two renames and returns where the old one lies.
fs::path swap_by_renames(const FileSystem& system, const fs::path& temporary,
                         const fs::path& target) {
  const fs::path old = set_aside(target);
  if (folder_exists(old)) {
    remove_tree(system, old);
  }
  rename_folder(system, target, old);
  try {
    rename_folder(system, temporary, target);
  } catch (const IoError&) {
    system.rename(old.c_str(), target.c_str());
    throw;
  }
  return old;
}

}  // namespace

bool recover_directory(const fs::path& path, const FileSystem& system) {
  const fs::path target = without_slash(path);
  const fs::path old = set_aside(target);
  if (folder_exists(target) || !folder_exists(old)) {
    return false;
  }
  rename_folder(system, old, target);
  sync_folder(system, folder_of(target));
  return true;
}

void replace_directory_atomically(const fs::path& from, const fs::path& to,
                                  const FileSystem& system) {
  const fs::path temporary = without_slash(from);
  const fs::path target = without_slash(to);
  check<NotFoundError>(folder_exists(temporary), "replace folder ", target.native(),
                       ": the new folder ", temporary.native(), " does not exist");
  sync_tree(system, temporary);
  recover_directory(target, system);
  if (!folder_exists(target)) {
    rename_folder(system, temporary, target);
    sync_folder(system, folder_of(target));
    return;
  }
  fs::path old = temporary;
  if (system.exchange(temporary.c_str(), target.c_str()) < 0) {
    if (errno != EINVAL && errno != ENOSYS && errno != ENOTSUP) {
      fail_system("exchange", target, errno);
    }
    old = swap_by_renames(system, temporary, target);
  }
  sync_folder(system, folder_of(target));
  remove_tree(system, old);
}

}  // namespace lrcn
