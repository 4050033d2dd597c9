#include "tools/data/shapes_writer.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <set>
#include <string>

#include "core/error.h"
#include "core/io/file.h"
#include "core/io/json.h"
#include "tools/data/png_encode.h"
#include "tools/data/shapes.h"

namespace lrcn {
namespace {

namespace fs = std::filesystem;

enum class Part { train, val, test };
constexpr std::array<const char*, 3> kParts = {"train", "val", "test"};

// Six in a hundred combinations are for validation and ten for the test.
Part part_of(const ShapeScene& scene, std::uint64_t seed) {
  const Random random(seed, Purpose::generate, 3);
  const std::uint32_t draw = random.below(100, 0, scene.combination());
  return draw < 10 ? Part::test : (draw < 16 ? Part::val : Part::train);
}

// One part while it is written.
struct Output {
  std::int64_t wanted = 0;
  std::int64_t written = 0;
  std::set<std::uint64_t> combinations;
  Json images = Json::array();
  Json annotations = Json::array();
};

fs::path captions_file(const fs::path& folder, const char* part) {
  return folder / concat("captions_", part, ".json");
}

// Without waiting for the disk, which would take longer than drawing: the captions, written last
// and durably, say that the set is whole.
void write_picture(const fs::path& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), std::streamsize(bytes.size()));
  file.close();
  check<IoError>(bool(file), "write ", path.string(), ": ", std::strerror(errno));
}

void add(Output& output, const fs::path& folder, const char* part, const ShapeScene& scene,
         const Image& image) {
  std::array<char, 32> digits{};
  std::snprintf(digits.data(), digits.size(), "%06lld.png", static_cast<long long>(output.written));
  const std::string name = concat(part, '/', digits.data());
  write_picture(folder / name, encode_png(image));
  output.images.push_back(Json::object({{"id", output.written},
                                        {"file_name", name},
                                        {"width", image.width},
                                        {"height", image.height}}));
  for (const std::string& caption : captions_of(scene)) {
    output.annotations.push_back(Json::object({{"id", std::int64_t(output.annotations.size())},
                                               {"image_id", output.written},
                                               {"caption", caption}}));
  }
  output.combinations.insert(scene.combination());
  ++output.written;
}

}  // namespace

ShapesSummary write_shapes(const fs::path& folder, const ShapesOptions& options) {
  check(options.train >= 1 && options.val >= 0 && options.test >= 0,
        "shapes: needs at least one training picture and no negative numbers, got train ",
        options.train, ", val ", options.val, ", test ", options.test);
  std::array<Output, 3> outputs;
  outputs[0].wanted = options.train;
  outputs[1].wanted = options.val;
  outputs[2].wanted = options.test;
  for (const char* part : kParts) {
    std::error_code error;
    fs::create_directories(folder / part, error);
    check<IoError>(!error, "create folder ", (folder / part).string(), ": ", error.message());
    fs::remove(captions_file(folder, part),
               error);  // until all pictures are there, no set is whole
    check<IoError>(!error, "remove ", captions_file(folder, part).string(), ": ", error.message());
  }
  const auto missing = [&] {
    return std::any_of(outputs.begin(), outputs.end(),
                       [](const Output& each) { return each.written < each.wanted; });
  };
  for (std::uint64_t index = 0; missing(); ++index) {
    const ShapeScene scene = draw_scene(options.seed, index);
    const std::size_t part = std::size_t(part_of(scene, options.seed));
    if (outputs[part].written < outputs[part].wanted) {
      add(outputs[part], folder, kParts[part], scene, render(scene, options.seed, index));
    }
  }
  ShapesSummary summary;
  for (std::size_t part = 0; part < kParts.size(); ++part) {
    Output& output = outputs[part];
    summary.pictures += output.written;
    const Json file = Json::object(
        {{"info", Json::object({{"description", concat("shapes, ", kParts[part], " part")},
                                {"seed", std::int64_t(options.seed)}})},
         {"images", output.images},
         {"annotations", output.annotations}});
    write_file_atomically(captions_file(folder, kParts[part]), file.dump());
  }
  summary.combinations = std::int64_t(outputs[0].combinations.size());
  return summary;
}

}  // namespace lrcn
