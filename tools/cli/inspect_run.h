// Checkpoints and folders of runs for `lrcn inspect`.
#pragma once

#include <filesystem>
#include <string>

namespace lrcn {

// Where the training stands: trainer.json of a checkpoint. Throws NotFoundError, DataError for a
// checkpoint that is damaged.
std::string describe_trainer(const std::filesystem::path& checkpoint);

// The checkpoints of a run, what its links mean, and the last lines of its metrics. Throws
// DataError for metrics that are damaged; damaged checkpoints are named.
std::string describe_run(const std::filesystem::path& run);

}  // namespace lrcn
