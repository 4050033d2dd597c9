// Writing safetensors.
#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "core/error.h"
#include "core/io/json.h"
#include "core/io/safetensors.h"
#include "core/io/utf8.h"

namespace lrcn {
namespace {

constexpr std::size_t kAlignment = 8;
constexpr std::size_t kMaxHeaderBytes = 100'000'000;

// Checked, and in the order of the file.
std::vector<const StoredTensor*> in_file_order(std::span<const StoredTensor> tensors) {
  std::vector<const StoredTensor*> order;
  order.reserve(tensors.size());
  for (const StoredTensor& tensor : tensors) {
    check(!find_invalid_utf8(tensor.name), "write_safetensors: expected UTF-8 names, got \"",
          tensor.name, '"');
    check(tensor.name != "__metadata__",
          "write_safetensors: the name __metadata__ is reserved by the format");
    const auto bytes = bytes_of(tensor.dtype, tensor.shape);
    check(bytes == tensor.bytes.size(), "write_safetensors: \"", tensor.name, "\": got ",
          tensor.bytes.size(), " bytes, which is not the size of its ", tensor.dtype, " shape (",
          bytes ? std::to_string(*bytes) : "not a valid size", ')');
    order.push_back(&tensor);
  }
  std::sort(order.begin(), order.end(), [](const StoredTensor* a, const StoredTensor* b) {
    return a->dtype != b->dtype ? a->dtype > b->dtype : a->name < b->name;
  });
  return order;
}

std::string header_of(std::span<const StoredTensor* const> tensors,
                      const SafetensorsMetadata& metadata) {
  Json root = Json::object();
  if (!metadata.empty()) {
    Json entries = Json::object();
    for (const auto& [key, text] : metadata) {
      check(!find_invalid_utf8(key) && !find_invalid_utf8(text),
            "write_safetensors: expected UTF-8 metadata, got \"", key, "\": \"", text, '"');
      entries.set(key, text);
    }
    root.set("__metadata__", std::move(entries));
  }
  std::size_t offset = 0;
  for (const StoredTensor* tensor : tensors) {
    check(!root.has(tensor->name), "write_safetensors: expected every name once, got \"",
          tensor->name, "\" again");
    Json shape = Json::array();
    for (const std::int64_t extent : tensor->shape) {
      shape.push_back(extent);
    }
    const std::size_t end = offset + tensor->bytes.size();
    Json entry = Json::object({{"dtype", name_of(tensor->dtype)}});
    entry.set("shape", std::move(shape)).set("data_offsets", Json::array({offset, end}));
    root.set(tensor->name, std::move(entry));
    offset = end;
  }
  std::string header = root.dump();
  header.append((kAlignment - header.size() % kAlignment) % kAlignment, ' ');
  check(header.size() <= kMaxHeaderBytes, "write_safetensors: expected a header of at most ",
        kMaxHeaderBytes, " bytes, got ", header.size());
  return header;
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, std::span<const StoredTensor> tensors,
                       const SafetensorsMetadata& metadata, const FileSystem& system) {
  const std::vector<const StoredTensor*> order = in_file_order(tensors);
  const std::string header = header_of(order, metadata);
  const std::uint64_t length = header.size();
  static_assert(std::endian::native == std::endian::little);

  AtomicFile file(path, system);
  file.write(std::as_bytes(std::span(&length, 1)));
  file.write(header);
  for (const StoredTensor* tensor : order) {
    file.write(tensor->bytes);
  }
  file.commit();
}

}  // namespace lrcn
