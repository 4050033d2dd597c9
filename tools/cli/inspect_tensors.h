// Safetensors files for `lrcn inspect`.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "core/io/safetensors.h"

namespace lrcn {

// Numbers of tensors, parameters and bytes, by the part of the model that the first words of a name
// tell ("encoder.features", "decoder.lstm0"); with `each`, every tensor with type and shape.
std::string describe_tensors(std::span<const StoredTensor> tensors, bool each);

// The file: its metadata, and the above. Throws NotFoundError, DataError.
std::string describe_safetensors(const std::filesystem::path& path, bool each);

}  // namespace lrcn
