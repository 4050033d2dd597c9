#include "tools/train/weights.h"

namespace lrcn {

std::vector<NamedTensor> named_values(const ParamStore& params) {
  std::vector<NamedTensor> tensors;
  tensors.reserve(params.entries().size());
  for (std::size_t i = 0; i < params.entries().size(); ++i) {
    tensors.push_back({params.entries()[i].name, params.value(int(i))});
  }
  return tensors;
}

void save_weights(const ParamStore& params, const std::filesystem::path& path,
                  const SafetensorsMetadata& metadata, const FileSystem& files) {
  save_tensors(path, named_values(params), metadata, files);
}

LoadReport load_weights(ParamStore& params, const std::filesystem::path& path,
                        const LoadOptions& options) {
  LoadReport report = load_tensors(path, named_values(params), options);
  params.touch();
  return report;
}

}  // namespace lrcn
