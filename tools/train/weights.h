// The parameters of a model as model.safetensors.
#pragma once

#include <filesystem>
#include <vector>

#include "layers/graph/param_store.h"
#include "tools/train/tensor_file.h"

namespace lrcn {

// Errors as in tensor_file.h. The store must have been allocated (by a compile).

// All parameters, frozen ones included, under their names.
void save_weights(const ParamStore& params, const std::filesystem::path& path,
                  const SafetensorsMetadata& metadata = {{"format", "pt"}},
                  const FileSystem& files = posix_file_system());
LoadReport load_weights(ParamStore& params, const std::filesystem::path& path,
                        const LoadOptions& options = {});

// Views of all parameters.
std::vector<NamedTensor> named_values(const ParamStore& params);

}  // namespace lrcn
