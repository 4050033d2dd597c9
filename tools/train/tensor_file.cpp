#include "tools/train/tensor_file.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/error.h"
#include "core/transfer.h"
#include "layers/graph/param_store.h"
#include "tools/train/nearest_name.h"

namespace lrcn {
namespace {

void check_f32(const NamedTensor& named) {
  check(named.tensor.spec.dtype == DType::f32 && named.tensor.spec.layout == Layout::plain,
        "tensor file: ", named.name, " must be plain f32, got ", named.tensor.spec);
}

void check_finite(std::span<const float> values, std::string_view name,
                  const std::filesystem::path& path) {
  const auto bad =
      std::find_if(values.begin(), values.end(), [](float value) { return !std::isfinite(value); });
  if (bad != values.end()) {
    fail<DataError>(path.native(), ": tensor \"", name, "\" holds ", *bad, " at element ",
                    bad - values.begin(), ", expected finite values");
  }
}

std::string text_of(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  const char* separator = "";
  for (const std::int64_t extent : shape) {
    text += separator;
    text += std::to_string(extent);
    separator = ",";
  }
  return text += ']';
}

std::string suggestion(std::string_view name, std::span<const std::string> names) {
  const std::string nearest = nearest_name(name, names);
  return nearest.empty() ? "" : concat("; the nearest name is \"", nearest, '"');
}

// A file, what is wanted from it, and which belongs to which.
class Match {
 public:
  Match(const std::filesystem::path& path, std::span<const NamedTensor> wanted,
        const LoadOptions& options)
      : path_(path), wanted_(wanted), options_(options), file_(SafetensorsFile::open(path)) {
    pair_names();
    check_names();
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
      if (stored_[i] != nullptr) {
        check_spec(*stored_[i], wanted_[i]);
      }
    }
  }

  void check_values() const {
    each([&](const StoredTensor& stored, const NamedTensor&, std::span<const float> values) {
      check_finite(values, stored.name, path_);
    });
  }

  void copy_values() const {
    each([](const StoredTensor&, const NamedTensor& target, std::span<const float> values) {
      upload(target.tensor, values.data());
    });
  }

  const LoadReport& report() const { return report_; }

 private:
  void pair_names() {
    stored_.resize(wanted_.size());
    std::map<std::string_view, std::size_t> index;
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
      check_f32(wanted_[i]);
      check(index.emplace(wanted_[i].name, i).second, "tensor file: \"", wanted_[i].name,
            "\" is wanted twice");
    }
    for (const StoredTensor& stored : file_.tensors()) {
      if (std::any_of(options_.ignore.begin(), options_.ignore.end(),
                      [&](const std::string& pattern) { return matches(pattern, stored.name); })) {
        continue;
      }
      const std::string name = mapped(stored.name);
      const auto found = index.find(name);
      if (found == index.end()) {
        report_.unexpected.push_back(stored.name);
        continue;
      }
      const StoredTensor*& taken = stored_[found->second];
      check<DataError>(taken == nullptr, path_.native(), ": tensors \"",
                       taken == nullptr ? "" : taken->name, "\" and \"", stored.name,
                       "\" would both become \"", name, '"');
      taken = &stored;
    }
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
      (stored_[i] == nullptr ? report_.missing : report_.loaded).push_back(wanted_[i].name);
    }
  }

  std::string mapped(const std::string& name) const {
    for (const PrefixMapping& prefix : options_.prefixes) {
      if (name.starts_with(prefix.from)) {
        return prefix.to + name.substr(prefix.from.size());
      }
    }
    return name;
  }

  void check_names() const {
    if (!options_.strict) {
      return;
    }
    const std::string counts = concat(" (", report_.missing.size(), " missing, ",
                                      report_.unexpected.size(), " unexpected)");
    if (!report_.missing.empty()) {
      const std::string& name = report_.missing.front();
      fail<DataError>(path_.native(), ": tensor \"", name, "\" is missing",
                      suggestion(name, report_.unexpected), counts);
    }
    if (!report_.unexpected.empty()) {
      const std::string& name = report_.unexpected.front();
      fail<DataError>(path_.native(), ": tensor \"", name, "\" is not one of this model",
                      suggestion(name, report_.loaded), counts);
    }
  }

  void check_spec(const StoredTensor& stored, const NamedTensor& wanted) const {
    const Shape& shape = wanted.tensor.shape();
    check<DataError>(std::ranges::equal(stored.shape, shape.extents()), path_.native(),
                     ": tensor \"", stored.name, "\" must have the shape ", shape, ", got ",
                     text_of(stored.shape));
    check<DataError>(stored.dtype == StoredDType::F32 || stored.dtype == StoredDType::BF16 ||
                         stored.dtype == StoredDType::F16,
                     path_.native(), ": tensor \"", stored.name,
                     "\" must be F32, BF16 or F16, got ", stored.dtype);
  }

  template <class Visit>
  void each(const Visit& visit) const {
    std::vector<float> values;
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
      if (stored_[i] != nullptr) {
        values.resize(std::size_t(wanted_[i].tensor.elements()));
        copy_as_f32(*stored_[i], values);
        visit(*stored_[i], wanted_[i], values);
      }
    }
  }

  const std::filesystem::path& path_;
  std::span<const NamedTensor> wanted_;
  const LoadOptions& options_;
  SafetensorsFile file_;
  std::vector<const StoredTensor*> stored_;  // for each wanted one; nullptr: not in the file
  LoadReport report_;
};

}  // namespace

void save_tensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors,
                  const SafetensorsMetadata& metadata, const FileSystem& files) {
  std::vector<std::vector<float>> copies;  // of what does not lie in host memory
  std::vector<StoredTensor> stored;
  stored.reserve(tensors.size());
  for (const NamedTensor& named : tensors) {
    check_f32(named);
    const Tensor& tensor = named.tensor;
    const auto elements = std::size_t(tensor.elements());
    std::span<const float> values(static_cast<const float*>(tensor.data), elements);
    if (!tensor.device.is_cpu()) {
      auto& copy = copies.emplace_back(elements);
      download(copy.data(), tensor);
      values = copy;
    }
    check_finite(values, named.name, path);
    const auto extents = tensor.shape().extents();
    stored.push_back({.name = named.name,
                      .dtype = StoredDType::F32,
                      .shape = {extents.begin(), extents.end()},
                      .bytes = std::as_bytes(values)});
  }
  write_safetensors(path, stored, metadata, files);
}

LoadReport load_tensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors,
                        const LoadOptions& options) {
  const Match match(path, tensors, options);
  match.check_values();
  match.copy_values();
  return match.report();
}

LoadReport verify_tensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors,
                          const LoadOptions& options) {
  const Match match(path, tensors, options);
  match.check_values();
  return match.report();
}

}  // namespace lrcn
