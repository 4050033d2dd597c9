#include "tools/train/checkpoints.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <string>
#include <utility>

#include "core/error.h"
#include "core/io/descriptor.h"
#include "core/io/file.h"

namespace lrcn {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "step-";

std::string folder_name(std::int64_t step) {
  std::string digits = std::to_string(step);
  digits.insert(0, 8 - std::min<std::size_t>(8, digits.size()), '0');
  return std::string(kPrefix) + digits;
}

// What is no checkpoint yet, or no longer.
std::string hidden(std::int64_t step, std::string_view purpose) {
  return concat('.', folder_name(step), purpose);
}

// The step of a folder called as folder_name() calls it, or -1.
std::int64_t step_of(std::string_view name) {
  std::int64_t step = -1;
  if (name.starts_with(kPrefix)) {
    const char* end = name.data() + name.size();
    if (std::from_chars(name.data() + kPrefix.size(), end, step).ptr != end) {
      return -1;
    }
  }
  return step >= 0 && folder_name(step) == name ? step : -1;
}

// Names in a folder; none when it does not exist.
std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    names.push_back(entries->path().filename().native());
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    fail_system("list", folder, error.value());
  }
  return names;
}

void remove_tree(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) {
    fail_system("remove", path, error.value());
  }
}

void rename(const FileSystem& files, const fs::path& from, const fs::path& to) {
  if (files.rename(from.c_str(), to.c_str()) < 0) {
    fail_system(concat("rename ", from.native(), " to"), to, errno);
  }
}

void make_folders(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) {
    fail_system("create folder", path, error.value());
  }
}

}  // namespace

Checkpoints::Checkpoints(fs::path run, int keep_last, const FileSystem& files)
    : run_(std::move(run)), keep_last_(keep_last), files_(&files) {
  check(keep_last >= 1, "checkpoints: at least the last one is kept, got ", keep_last);
}

fs::path Checkpoints::folder_of(std::int64_t step) const { return folder() / folder_name(step); }

std::vector<std::int64_t> Checkpoints::steps() const {
  std::vector<std::int64_t> steps;
  for (const std::string& name : names_in(folder())) {
    if (const std::int64_t step = step_of(name); step >= 0) {
      steps.push_back(step);
    }
  }
  std::sort(steps.begin(), steps.end());
  return steps;
}

void Checkpoints::expect_none() const {
  const std::vector<std::int64_t> found = steps();
  check(found.empty(), "training: ", run_.native(), " holds checkpoints of a run up to step ",
        found.empty() ? 0 : found.back(), "; resume it or choose another folder");
}

std::optional<Checkpoint> Checkpoints::newest(const Notice& notice) const {
  recover();
  std::vector<std::int64_t> candidates = steps();
  std::string reason;  // what is wrong with the newest one
  for (; !candidates.empty(); candidates.pop_back()) {
    try {
      return open_checkpoint(folder_of(candidates.back()));
    } catch (const Error& error) {
      reason = reason.empty() ? error.what() : reason;
      if (notice) {
        notice(concat("passing over a damaged checkpoint: ", error.what()));
      }
    }
  }
  check<DataError>(reason.empty(), "there is no whole checkpoint in ", run_.native(),
                   "; the newest: ", reason);
  return std::nullopt;
}

fs::path Checkpoints::save(const CheckpointParts& parts) const {
  const fs::path target = folder_of(parts.state.step);
  const fs::path temporary = folder() / hidden(parts.state.step, ".tmp");
  make_folders(folder());
  remove_tree(temporary);
  try {
    make_folders(temporary);
    write_checkpoint(temporary, parts, *files_);
    replace_directory_atomically(temporary, target, *files_);
  } catch (...) {
    std::error_code ignored;  // the first error is the one to report
    fs::remove_all(temporary, ignored);
    throw;
  }
  link_and_prune(parts.state);
  return target;
}

void Checkpoints::continue_from(const TrainerState& state, const Notice& notice) const {
  recover();
  for (const std::string& name : names_in(folder())) {
    if (name.starts_with(concat('.', kPrefix))) {
      remove_tree(folder() / name);
    }
  }
  for (const std::int64_t step : steps()) {
    if (step <= state.step) {
      continue;
    }
    const fs::path abandoned = folder() / concat("abandoned-", folder_name(step));
    remove_tree(abandoned);
    rename(*files_, folder_of(step), abandoned);
    if (notice) {
      notice(concat("a checkpoint after step ", state.step, " is now called ", abandoned.native()));
    }
  }
  link_and_prune(state);
}

// Finishes replacements of file systems that cannot exchange two names.
void Checkpoints::recover() const {
  constexpr std::string_view kReplaced = ".replaced";
  for (const std::string& name : names_in(folder())) {
    if (name.starts_with('.') && name.ends_with(kReplaced)) {
      recover_directory(folder() / name.substr(1, name.size() - 1 - kReplaced.size()), *files_);
    }
  }
}

void Checkpoints::link(const char* name, std::int64_t step) const {
  std::error_code error;
  if (!fs::exists(folder_of(step), error)) {
    return;  // a person has removed it
  }
  const fs::path temporary = run_ / concat('.', name, ".tmp");
  remove_tree(temporary);
  // Relative, so that the run can be moved.
  if (::symlink((fs::path("checkpoints") / folder_name(step)).c_str(), temporary.c_str()) < 0) {
    fail_system("create link", temporary, errno);
  }
  rename(*files_, temporary, run_ / name);
}

void Checkpoints::link_and_prune(const TrainerState& state) const {
  link("last", state.step);
  if (state.best) {
    link("best", state.best->step);
  }
  std::vector<std::int64_t> old = steps();
  old.resize(old.size() - std::min(old.size(), std::size_t(keep_last_)));
  for (const std::int64_t step : old) {
    if (state.best && state.best->step == step) {
      continue;
    }
    // Under its own name a checkpoint is always whole.
    const fs::path removed = folder() / hidden(step, ".removed");
    rename(*files_, folder_of(step), removed);
    remove_tree(removed);
  }
}

}  // namespace lrcn
