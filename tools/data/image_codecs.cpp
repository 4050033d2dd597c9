#include "tools/data/image_codecs.h"

#include <dlfcn.h>

#include <array>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "core/error.h"
#include "tools/data/image_refuse.h"

namespace lrcn {
namespace {

constexpr const char* kModuleFile = "lrcn_opencv_codecs.so";

// Relative to the prefix, or absolute; from the build.
#ifdef LRCN_MODULE_FOLDER
constexpr const char* kModuleFolder = LRCN_MODULE_FOLDER;
#else
constexpr const char* kModuleFolder = "lib/lrcn";
#endif

std::vector<std::filesystem::path> usual_folders() {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto beside = program.parent_path();
  return {beside, beside / kModuleFolder, beside.parent_path() / kModuleFolder};
}

}  // namespace

std::filesystem::path find_codec_module(const std::filesystem::path& folder) {
  const auto folders = folder.empty() ? usual_folders() : std::vector{folder};
  std::string places;
  for (const auto& place : folders) {
    std::error_code error;
    if (std::filesystem::exists(place / kModuleFile, error)) {
      return place / kModuleFile;
    }
    places += (places.empty() ? "" : ", ") + place.string();
  }
  fail<NotFoundError>("BMP and WebP pictures need the module ", kModuleFile, ", not found in ",
                      places);
}

void decode_with_codecs(std::span<const std::byte> bytes, std::string_view name,
                        const std::filesystem::path& folder, Image& image) {
  const auto path = find_codec_module(folder);
  // RTLD_NODELETE keeps it in the process, so that later pictures find it open.
  const std::unique_ptr<void, int (*)(void*)> module(
      dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE),
      [](void* open) { return open == nullptr ? 0 : dlclose(open); });
  const auto decode =
      module == nullptr
          ? nullptr
          : reinterpret_cast<LrcnDecodeFunction>(dlsym(module.get(), "lrcn_opencv_decode"));
  if (decode == nullptr) {
    const char* reason = dlerror();
    fail<NotFoundError>("open the module ", path.string(), ": ",
                        reason == nullptr ? "unknown reason" : reason);
  }
  std::array<char, 256> error{};
  const LrcnDecodeRequest request{.bytes = reinterpret_cast<const unsigned char*>(bytes.data()),
                                  .size = bytes.size(),
                                  .width = image.width,
                                  .height = image.height,
                                  .pixels = image.pixels.data(),
                                  .error = error.data(),
                                  .error_size = error.size()};
  if (decode(&request) != 0) {
    refuse_image(name, error.data());
  }
}

}  // namespace lrcn
