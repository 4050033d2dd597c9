// The checkpoints of a run.
//
//   RUN/checkpoints/step-00001000/   model directory, optimizer.safetensors, trainer.json
//   RUN/last, RUN/best               links to the newest and the best one
//
// A checkpoint appears under its name only when all of it is on the disk, so that kill -9 or a full
// disk at any moment leaves the checkpoints of before whole.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/io/file.h"
#include "layers/optim/named_tensor.h"
#include "tools/train/trainer_state.h"

namespace lrcn {

struct Checkpoint {
  std::filesystem::path folder;
  TrainerState state;
};

// What a checkpoint is made of.
struct CheckpointParts {
  TrainerState state;                // `files` is filled in when saved
  std::vector<NamedTensor> weights;  // model.safetensors
  std::vector<NamedTensor> memory;   // optimizer.safetensors: optimizer and carried state
  std::function<void(const std::filesystem::path& folder)> write_model_files;
};

// Reads trainer.json and looks whether the files it names are there in full length. Throws
// NotFoundError, or DataError naming what is damaged.
Checkpoint open_checkpoint(const std::filesystem::path& folder);

// Fills the tensors from the checkpoint's files, after all of both has been checked. Throws
// DataError naming the first tensor that does not fit: the checkpoint is of another model.
void restore_tensors(const Checkpoint& checkpoint, std::span<const NamedTensor> weights,
                     std::span<const NamedTensor> memory);

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
  std::filesystem::path folder_of(std::int64_t step) const;

  // Writes the checkpoint of parts.state.step, moves the links, removes what is no longer kept.
  // Throws DataError for NaN and infinity in a tensor, IoError; checkpoints of before stay then.
  std::filesystem::path save(const CheckpointParts& parts);
  // Finishes what a killed process has left half done: links, temporary folders, old checkpoints.
  void tidy(const TrainerState& state);

 private:
  void write(const CheckpointParts& parts, const std::filesystem::path& folder) const;
  void link(const char* name, std::int64_t step) const;
  void prune(const TrainerState& state) const;

  std::filesystem::path run_;
  int keep_last_;
  const FileSystem* files_;
};

}  // namespace lrcn
