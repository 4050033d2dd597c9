// Named f32 tensors to and from safetensors files, with everything checked that a file can get
// wrong. Used for weights (weights.h) and for the state of optimizers.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "core/io/safetensors.h"
#include "layers/optim/named_tensor.h"

namespace lrcn {

// Replaces the file atomically; F32, in the order of the format. Throws DataError for a tensor that
// holds NaN or infinity (nothing is written then), IoError.
void save_tensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors,
                  const SafetensorsMetadata& metadata = {},
                  const FileSystem& files = posix_file_system());

struct PrefixMapping {
  std::string from;  // of names in the file; "" fits every name
  std::string to;
};

struct LoadOptions {
  // Whether each wanted tensor must be in the file and each tensor of the file be wanted.
  bool strict = true;
  // The first whose `from` begins a name is applied; other names stay. {{"", "encoder."}} puts a
  // torchvision file into "encoder.".
  std::vector<PrefixMapping> prefixes = {};
  // Tensors of the file to pass over, * standing for any text: "classifier.6.*".
  std::vector<std::string> ignore = {};
};

// Names of tensors.
struct LoadReport {
  std::vector<std::string> loaded;
  std::vector<std::string> missing;     // wanted, and not in the file
  std::vector<std::string> unexpected;  // in the file, and neither wanted nor ignored
};

// Fills `tensors` from a file that is F32, BF16 or F16. First everything is checked, so that on an
// error no tensor has changed. Throws NotFoundError, or DataError naming file and tensor for: a
// broken file, a missing or unexpected name (strict; with the nearest name), two names that become
// one, another shape or type, NaN and infinity.
LoadReport load_tensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors,
                        const LoadOptions& options = {});
// The checks alone.
LoadReport verify_tensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors,
                          const LoadOptions& options = {});

}  // namespace lrcn
