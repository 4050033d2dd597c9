#include "tools/cli/inspect_tensors.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "core/error.h"
#include "tools/cli/data_table.h"

namespace lrcn {
namespace {

struct Part {
  std::string name;
  std::int64_t tensors = 0;
  std::int64_t elements = 0;
  std::uint64_t bytes = 0;
  std::set<std::string> dtypes;
};

std::int64_t elements_of(const StoredTensor& tensor) {
  return std::int64_t(tensor.bytes.size() * 8 / bits_of(tensor.dtype));
}

// The first two words of a path, without the parameter's own name.
std::string part_of(const std::string& name) {
  const std::size_t first = name.find('.');
  const std::size_t second = first == std::string::npos ? first : name.find('.', first + 1);
  return name.substr(0, second == std::string::npos ? first : second);
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (const std::int64_t extent : shape) {
    text += (text.empty() ? "" : ",") + std::to_string(extent);
  }
  return '[' + text + ']';
}

std::string joined(const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    text += (text.empty() ? "" : " ") + name;
  }
  return text;
}

void count(Part& part, const StoredTensor& tensor) {
  ++part.tensors;
  part.elements += elements_of(tensor);
  part.bytes += tensor.bytes.size();
  part.dtypes.emplace(name_of(tensor.dtype));
}

std::vector<Part> parts_of(std::span<const StoredTensor> tensors) {
  std::map<std::string, Part> parts;
  Part all;
  all.name = "all";
  for (const StoredTensor& tensor : tensors) {
    Part& part = parts[part_of(tensor.name)];
    part.name = part_of(tensor.name);
    count(part, tensor);
    count(all, tensor);
  }
  std::vector<Part> list;
  for (auto& [name, part] : parts) {
    list.push_back(std::move(part));
  }
  list.push_back(std::move(all));
  return list;
}

}  // namespace

std::string describe_tensors(std::span<const StoredTensor> tensors, bool each) {
  using Align = DataTable::Align;
  DataTable parts({Align::left, Align::right, Align::right, Align::right, Align::left});
  parts.add({"part", "tensors", "elements", "size", "type"});
  for (const Part& part : parts_of(tensors)) {
    parts.add({part.name, grouped(part.tensors), grouped(part.elements), bytes_text(part.bytes),
               joined(part.dtypes)});
  }
  std::string text = parts.text("  ");
  if (each) {
    std::vector<const StoredTensor*> sorted;
    for (const StoredTensor& tensor : tensors) {
      sorted.push_back(&tensor);
    }
    std::sort(sorted.begin(), sorted.end(),
              [](const auto* a, const auto* b) { return a->name < b->name; });
    DataTable table({Align::left, Align::left, Align::left, Align::right});
    for (const StoredTensor* tensor : sorted) {
      table.add({tensor->name, std::string(name_of(tensor->dtype)), shape_text(tensor->shape),
                 bytes_text(tensor->bytes.size())});
    }
    text += '\n' + table.text("  ");
  }
  return text;
}

std::string describe_safetensors(const std::filesystem::path& path, bool each) {
  const SafetensorsFile file = SafetensorsFile::open(path);
  std::string text = path.string() + '\n';
  for (const auto& [key, value] : file.metadata()) {
    text += "  " + printable(key) + " = " + printable(value) + '\n';
  }
  return text + describe_tensors(file.tensors(), each);
}

}  // namespace lrcn
