// The checkpoints of a run.
//
//   RUN/checkpoints/step-00001000/   model directory, optimizer.safetensors, trainer.json
//   RUN/last, RUN/best               links to the newest and the best one
//
// A checkpoint appears under its name only when all of it is on the disk, so that kill -9 or a full
// disk at any moment leaves the checkpoints of before whole.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "tools/train/checkpoint.h"

namespace lrcn {

class Checkpoints {
 public:
  // Keeps the `keep_last` (>= 1) newest ones and the best one. Creates nothing yet.
  Checkpoints(std::filesystem::path run, int keep_last,
              const FileSystem& files = posix_file_system());

  using Notice = std::function<void(std::string_view)>;
  // The newest whole checkpoint; damaged ones are passed over with a notice. Nothing when there is
  // none at all; DataError when there are only damaged ones.
  std::optional<Checkpoint> newest(const Notice& notice = {}) const;
  // Steps of the folders, ascending.
  std::vector<std::int64_t> steps() const;
  // Throws ArgumentError when there are checkpoints, for a run that begins.
  void expect_none() const;
  std::filesystem::path folder_of(std::int64_t step) const;

  // Writes the checkpoint of parts.state.step, moves the links, removes what is no longer kept.
  // Throws DataError for NaN and infinity in a tensor, IoError; checkpoints of before stay then.
  std::filesystem::path save(const CheckpointParts& parts) const;
  // To call when a run continues from `state`: finishes what a killed process has left half done
  // (links, temporary folders, removals), and renames checkpoints of later steps, which are damaged
  // or no longer of this run's history, to abandoned-step-N, with a notice.
  void continue_from(const TrainerState& state, const Notice& notice = {}) const;

 private:
  std::filesystem::path folder() const { return run_ / "checkpoints"; }
  void recover() const;
  void link(const char* name, std::int64_t step) const;
  void link_and_prune(const TrainerState& state) const;

  std::filesystem::path run_;
  int keep_last_;
  const FileSystem* files_;
};

}  // namespace lrcn
