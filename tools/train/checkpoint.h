// One checkpoint: a model directory with optimizer.safetensors and trainer.json added.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <vector>

#include "core/io/file_system.h"
#include "layers/optim/named_tensor.h"
#include "tools/train/trainer_state.h"

namespace lrcn {

struct Checkpoint {
  std::filesystem::path folder;
  TrainerState state;
};

// What a checkpoint is made of.
struct CheckpointParts {
  TrainerState state;                // `files` is filled in when written
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

// Writes into an existing, empty folder; Checkpoints::save makes it appear as a whole. Throws
// DataError for NaN and infinity in a tensor, IoError.
void write_checkpoint(const std::filesystem::path& folder, const CheckpointParts& parts,
                      const FileSystem& files = posix_file_system());

}  // namespace lrcn
