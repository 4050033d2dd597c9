// Files of named tensors in the safetensors format.
//
//   u64 N, little endian | header: N bytes of JSON, padded with blanks | data: the tensors' bytes
//   header: {"__metadata__": {string: string}, NAME: {"dtype": "F32", "shape": [2,3],
//            "data_offsets": [begin, end]}, ...}   offsets count from the start of the data
//
// Source: the format's description at github.com/huggingface/safetensors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/io/file.h"
#include "core/io/stored_dtype.h"

namespace lrcn {

// A dense row-major tensor, little endian. `bytes` is a view: into the mapped file when read, into
// memory of the caller when written. It may be unaligned for its type.
struct StoredTensor {
  std::string name;
  StoredDType dtype = StoredDType::F32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;
};

using SafetensorsMetadata = std::map<std::string, std::string, std::less<>>;

struct SafetensorsContent {
  std::vector<StoredTensor> tensors;  // in the order of their data
  SafetensorsMetadata metadata;
};

// Reads a file that lies in memory, whose bytes the result refers to. Throws DataError with
// `source`, the tensor and the rule that is broken: a header that is too short, longer than
// 100,000,000 bytes, of more than 4 million values, cut off or not JSON, an entry that is
// incomplete or ill-typed, a size that overflows or disagrees with dtype and shape, data that
// overlap, leave a hole or do not end with the file.
SafetensorsContent parse_safetensors(std::span<const std::byte> file, std::string_view source);

// A file in memory-mapped form; opening costs the header alone.
class SafetensorsFile {
 public:
  // Throws NotFoundError, IoError, or DataError as parse_safetensors does.
  static SafetensorsFile open(const std::filesystem::path& path);

  const std::vector<StoredTensor>& tensors() const { return content_.tensors; }
  const SafetensorsMetadata& metadata() const { return content_.metadata; }
  // The tensor of that name; nullptr, or for at() DataError, when there is none.
  const StoredTensor* find(std::string_view name) const;
  const StoredTensor& at(std::string_view name) const;

 private:
  SafetensorsFile(const std::filesystem::path& path);

  std::string source_;
  MappedFile file_;
  SafetensorsContent content_;
  std::map<std::string_view, const StoredTensor*> by_name_;
};

// Writes the file atomically (core/io/file.h), ordered as the reference implementation orders it:
// by dtype from U64 down to BOOL, then by name. Throws ArgumentError for a name that occurs twice,
// is
// "__metadata__" or not UTF-8, and for bytes that disagree with dtype and shape; IoError.
void write_safetensors(const std::filesystem::path& path, std::span<const StoredTensor> tensors,
                       const SafetensorsMetadata& metadata = {},
                       const FileSystem& system = posix_file_system());

// Copies the elements of an F32, F64, F16 or BF16 tensor as f32; F64 is rounded to nearest. Throws
// DataError for another type, ArgumentError when `out` has another number of elements.
void copy_as_f32(const StoredTensor& tensor, std::span<float> out);

}  // namespace lrcn
