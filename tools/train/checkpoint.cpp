#include "tools/train/checkpoint.h"

#include <map>
#include <string>
#include <system_error>

#include "core/error.h"
#include "core/io/file.h"
#include "tools/train/tensor_file.h"

namespace lrcn {
namespace {

namespace fs = std::filesystem;

constexpr const char* kState = "trainer.json";
constexpr const char* kWeights = "model.safetensors";
constexpr const char* kMemory = "optimizer.safetensors";

std::map<std::string, std::int64_t> sizes_in(const fs::path& folder) {
  std::map<std::string, std::int64_t> sizes;
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    if (entries->is_regular_file(error)) {
      sizes[entries->path().filename().native()] = std::int64_t(entries->file_size(error));
    }
  }
  check<IoError>(!error, "list ", folder.native(), ": ", error.message());
  return sizes;
}

}  // namespace

Checkpoint open_checkpoint(const fs::path& folder) {
  const fs::path path = folder / kState;
  Checkpoint checkpoint{folder,
                        trainer_state_from(Json::parse(read_file(path), {}, path.native()))};
  for (const auto& [name, bytes] : checkpoint.state.files) {
    std::error_code error;
    const auto found = fs::file_size(folder / name, error);
    check<DataError>(!error, "checkpoint ", folder.native(), ": ", name,
                     " cannot be read: ", error.message());
    check<DataError>(std::int64_t(found) == bytes, "checkpoint ", folder.native(), ": ", name,
                     " must have ", bytes, " bytes, got ", found);
  }
  for (const char* required : {kWeights, kMemory}) {
    check<DataError>(checkpoint.state.files.contains(required), "checkpoint ", folder.native(),
                     ": ", kState, " does not name ", required);
  }
  return checkpoint;
}

void restore_tensors(const Checkpoint& checkpoint, std::span<const NamedTensor> weights,
                     std::span<const NamedTensor> memory) {
  verify_tensors(checkpoint.folder / kWeights, weights);
  load_tensors(checkpoint.folder / kMemory, memory);
  load_tensors(checkpoint.folder / kWeights, weights);
}

void write_checkpoint(const fs::path& folder, const CheckpointParts& parts,
                      const FileSystem& files) {
  parts.write_model_files(folder);
  save_tensors(folder / kWeights, parts.weights, {{"format", "pt"}}, files);
  save_tensors(folder / kMemory, parts.memory, {}, files);
  TrainerState state = parts.state;
  state.files = sizes_in(folder);
  write_file_atomically(folder / kState, to_json(state).dump(2) + '\n', files);
}

}  // namespace lrcn
