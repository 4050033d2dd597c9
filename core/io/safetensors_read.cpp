// Reading safetensors: every rule of the format is checked before a view is handed out.
#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <tuple>
#include <utility>

#include "core/error.h"
#include "core/io/json.h"
#include "core/io/safetensors.h"
#include "core/io/utf8.h"

namespace lrcn {
namespace {

constexpr std::size_t kLengthBytes = 8;
constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;
constexpr std::size_t kMaxHeaderValues = std::size_t{1} << 22;  // half a million tensors

// A tensor's entry of the header. Offsets count from the start of the data.
struct Entry {
  StoredTensor tensor;
  std::int64_t begin;
  std::int64_t end;
};

std::string_view header_of(std::span<const std::byte> file, std::string_view source) {
  check<DataError>(file.size() >= kLengthBytes, source,
                   ": expected the header's length in the first 8 bytes, got a file of ",
                   file.size(), " bytes");
  std::uint64_t length = 0;
  static_assert(std::endian::native == std::endian::little);
  std::memcpy(&length, file.data(), kLengthBytes);
  check<DataError>(length <= kMaxHeaderBytes, source, ": expected a header of at most ",
                   kMaxHeaderBytes, " bytes, got the length ", length,
                   "; is it a safetensors file?");
  check<DataError>(length <= file.size() - kLengthBytes, source, ": expected a header of ", length,
                   " bytes, but the file ends after ", file.size() - kLengthBytes, " of them");
  const std::string_view header(reinterpret_cast<const char*>(file.data()) + kLengthBytes,
                                std::size_t(length));
  check<DataError>(!header.empty(), source, ": expected a header, got one of 0 bytes");
  check<DataError>(header[0] == '{', source, ": expected the header to start with '{', got byte ",
                   int(static_cast<unsigned char>(header[0])));
  const auto invalid = find_invalid_utf8(header);
  check<DataError>(!invalid, source, ": expected the header to be UTF-8, which it is not at byte ",
                   kLengthBytes + invalid.value_or(0), " of the file");
  return header;
}

// "F32[2,3]".
std::string describe(const StoredTensor& tensor) {
  std::string text(name_of(tensor.dtype));
  char separator = '[';
  for (const std::int64_t extent : tensor.shape) {
    text += separator;
    text += std::to_string(extent);
    separator = ',';
  }
  return text += tensor.shape.empty() ? "[]" : "]";
}

Entry read_entry(const std::string& name, const Json& info) {
  constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
  Entry entry;
  entry.tensor.name = name;

  const Json dtype = info.at("dtype");
  const auto known = parse_stored_dtype(dtype.as_string());
  if (!known) {
    dtype.reject(concat("expected a dtype of the format, got ", Json(dtype.as_string()).dump()));
  }
  entry.tensor.dtype = *known;

  const Json shape = info.at("shape");
  for (const Json extent : shape.elements()) {
    entry.tensor.shape.push_back(extent.as_int(0, kLargest));
  }

  const Json offsets = info.at("data_offsets");
  if (!offsets.is_array() || offsets.size() != 2) {
    offsets.reject("expected two offsets [begin, end]");
  }
  entry.begin = offsets[0].as_int(0, kLargest);
  entry.end = offsets[1].as_int(0, kLargest);
  if (entry.end < entry.begin) {
    offsets.reject(concat("expected begin <= end, got [", entry.begin, ", ", entry.end, "]"));
  }

  const auto bytes = bytes_of(entry.tensor.dtype, entry.tensor.shape);
  if (!bytes) {
    shape.reject(concat("expected a size in whole bytes below 2^60, got ", describe(entry.tensor)));
  }
  if (*bytes != std::size_t(entry.end - entry.begin)) {
    offsets.reject(concat("expected ", *bytes, " bytes for ", describe(entry.tensor), ", got [",
                          entry.begin, ", ", entry.end, "]"));
  }
  return entry;
}

// Data lie one behind the other and fill the rest of the file. `data` is that rest.
void check_layout(const std::vector<Entry>& entries, std::span<const std::byte> data,
                  std::string_view source) {
  std::int64_t expected = 0;
  const std::string* before = nullptr;
  for (const Entry& entry : entries) {
    check<DataError>(entry.begin >= expected, source, ": tensor \"", entry.tensor.name,
                     "\" overlaps \"", before != nullptr ? *before : "", "\": it begins at offset ",
                     entry.begin, ", the other ends at ", expected);
    check<DataError>(entry.begin <= expected, source, ": tensor \"", entry.tensor.name,
                     "\" leaves a hole: expected it to begin at offset ", expected, ", got ",
                     entry.begin);
    expected = entry.end;
    before = &entry.tensor.name;
  }
  check<DataError>(std::size_t(expected) <= data.size(), source, ": tensor \"",
                   before != nullptr ? *before : "", "\" is cut off: expected ", expected,
                   " bytes of data, got ", data.size());
  check<DataError>(std::size_t(expected) == data.size(), source, ": expected the file to end with ",
                   expected, " bytes of data, got ", data.size() - std::size_t(expected),
                   " bytes more");
}

}  // namespace

SafetensorsContent parse_safetensors(std::span<const std::byte> file, std::string_view source) {
  const std::string_view header = header_of(file, source);
  const Json root = Json::parse(
      header, {.max_bytes = kMaxHeaderBytes, .max_depth = 8, .max_values = kMaxHeaderValues},
      concat(source, ": header"));

  SafetensorsContent content;
  std::vector<Entry> entries;
  entries.reserve(root.size());
  for (const auto& [name, value] : root.members()) {
    if (name == "__metadata__") {
      for (const auto& [key, text] : value.members()) {
        content.metadata.emplace(key, text.as_string());
      }
    } else {
      entries.push_back(read_entry(name, value));
    }
  }

  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
  });
  const auto data = file.subspan(kLengthBytes + header.size());
  check_layout(entries, data, source);

  content.tensors.reserve(entries.size());
  for (Entry& entry : entries) {
    entry.tensor.bytes =
        data.subspan(std::size_t(entry.begin), std::size_t(entry.end - entry.begin));
    content.tensors.push_back(std::move(entry.tensor));
  }
  return content;
}

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path)
    : source_(path.string()), file_(path), content_(parse_safetensors(file_.bytes(), source_)) {
  for (const StoredTensor& tensor : content_.tensors) {
    by_name_.emplace(tensor.name, &tensor);
  }
}

SafetensorsFile SafetensorsFile::open(const std::filesystem::path& path) {
  return SafetensorsFile(path);
}

const StoredTensor* SafetensorsFile::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

const StoredTensor& SafetensorsFile::at(std::string_view name) const {
  const StoredTensor* tensor = find(name);
  check<DataError>(tensor != nullptr, source_, ": expected a tensor \"", name,
                   "\", which is missing among ", content_.tensors.size());
  return *tensor;
}

}  // namespace lrcn
