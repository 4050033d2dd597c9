// The rules of the code base that a machine can check, read from the sources themselves.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace lrcn::test {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kFloors = {"core", "kernels", "layers", "models", "tools"};

struct SourceFile {
  std::string path;  // from the root of the repository
  std::vector<std::string> lines;

  std::string floor() const { return path.substr(0, path.find('/')); }
  bool is_under(const std::string& prefix) const { return path.starts_with(prefix); }
};

std::vector<SourceFile> sources(const std::vector<std::string>& folders) {
  static const std::set<std::string> extensions = {".h", ".cpp", ".cu", ".cuh"};
  std::vector<SourceFile> files;
  for (const std::string& folder : folders) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(LRCN_SOURCE_DIR) / folder)) {
      if (!extensions.contains(entry.path().extension().string())) {
        continue;
      }
      SourceFile file{fs::relative(entry.path(), LRCN_SOURCE_DIR).string(), {}};
      std::ifstream in(entry.path());
      for (std::string line; std::getline(in, line);) {
        file.lines.push_back(line);
      }
      files.push_back(std::move(file));
    }
  }
  return files;
}

std::vector<std::string> includes_of(const SourceFile& file) {
  static const std::regex pattern(R"(^\s*#\s*include\s*[<"]([^>"]+)[>"])");
  std::vector<std::string> includes;
  for (const std::string& line : file.lines) {
    std::smatch match;
    if (std::regex_search(line, match, pattern)) {
      includes.push_back(match[1]);
    }
  }
  return includes;
}

bool starts_with_any(const std::string& text, const std::vector<std::string>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](const std::string& prefix) { return text.starts_with(prefix); });
}

TEST(Rules, AFloorIncludesOnlyWhatStandsToItsLeft) {
  for (const SourceFile& file : sources(kFloors)) {
    const auto own = std::find(kFloors.begin(), kFloors.end(), file.floor());
    for (const std::string& include : includes_of(file)) {
      const std::string floor = include.substr(0, include.find('/'));
      const auto other = std::find(kFloors.begin(), kFloors.end(), floor);
      EXPECT_TRUE(other == kFloors.end() || other <= own) << file.path << " includes " << include;
    }
  }
}

TEST(Rules, ThirdPartyHeadersStayInTheirRooms) {
  struct Room {
    std::vector<std::string> headers;
    std::vector<std::string> allowed;
  };
  const std::vector<Room> rooms = {
      {{"opencv", "CLI/", "toml", "jpeglib", "png.h"}, {"tools/"}},
      {{"nlohmann"}, {"core/io/json.cpp"}},
      {{"oneapi", "dnnl"}, {"kernels/cpu/"}},
      {{"cudnn"}, {"kernels/cuda/cudnn"}},
      {{"cublas"}, {"kernels/cuda/cublas"}},
      {{"cuda_runtime", "cuda.h"}, {"kernels/cuda/", "core/cuda/"}},
      {{"boost"}, {"kernels/cuda/emulator/"}},
  };
  for (const SourceFile& file : sources(kFloors)) {
    for (const std::string& include : includes_of(file)) {
      for (const Room& room : rooms) {
        EXPECT_TRUE(!starts_with_any(include, room.headers) ||
                    starts_with_any(file.path, room.allowed))
            << file.path << " includes " << include;
      }
    }
  }
}

TEST(Rules, KernelsAreLaunchedInOneHeaderOnly) {
  for (const SourceFile& file : sources(kFloors)) {
    if (file.is_under("kernels/cuda/launch.h") || file.is_under("kernels/cuda/emulator/")) {
      continue;
    }
    for (const std::string& line : file.lines) {
      EXPECT_EQ(line.find("<<<"), std::string::npos) << file.path << ": " << line;
    }
    EXPECT_TRUE(!file.path.ends_with(".cu") || file.is_under("kernels/cuda/")) << file.path;
  }
}

// Names that end in _kernel and open a parameter list on one of the lines behind __global__.
std::set<std::string> cuda_kernels() {
  static const std::regex pattern(R"(\b(\w+_kernel)\()");
  constexpr std::size_t kLines = 4;  // with template and launch bounds in front of the name
  std::set<std::string> names;
  for (const SourceFile& file : sources({"kernels"})) {
    for (std::size_t i = 0; file.is_under("kernels/cuda/") && i < file.lines.size(); ++i) {
      if (file.lines[i].find("__global__") == std::string::npos) {
        continue;
      }
      std::smatch match;
      for (std::size_t j = i; j < std::min(i + kLines, file.lines.size()); ++j) {
        if (std::regex_search(file.lines[j], match, pattern)) {
          names.insert(match[1]);
          break;
        }
      }
    }
  }
  return names;
}

TEST(Rules, EveryCudaKernelHasItsStateWrittenDown) {
  std::ifstream in(fs::path(LRCN_SOURCE_DIR) / "docs/gpu_status.md");
  const std::string page{std::istreambuf_iterator<char>(in), {}};
  const std::set<std::string> kernels = cuda_kernels();
  EXPECT_GT(kernels.size(), 30u);
  for (const std::string& kernel : kernels) {
    EXPECT_TRUE(std::regex_search(page, std::regex("\\b" + kernel + "\\b")))
        << kernel << " is not in docs/gpu_status.md";
  }
}

TEST(Rules, LongFilesSayWhyInTheirFirstLines) {
  for (const SourceFile& file :
       sources({"core", "kernels", "layers", "models", "tools", "tests"})) {
    if (file.lines.size() <= 300) {
      continue;
    }
    bool reason = false;
    for (std::size_t i = 0; i < 12; ++i) {
      reason = reason || file.lines[i].find("Long because") != std::string::npos;
    }
    EXPECT_TRUE(reason) << file.path << " has " << file.lines.size()
                        << " lines and no 'Long because ...' in its first lines";
  }
}

TEST(Rules, ThereAreNoMacrosButThoseOfTheDesignPages) {
  // docs/design/macros.md lists each with its reason.
  const std::set<std::string> allowed = {"LRCN_CUDA_OP", "LRCN_HOST_DEVICE", "__global__",
                                         "__device__",   "__host__",         "__launch_bounds__"};
  const std::regex definition(R"(^\s*#\s*define\s+(\w+))");
  for (const SourceFile& file : sources(kFloors)) {
    for (const std::string& line : file.lines) {
      std::smatch match;
      if (std::regex_search(line, match, definition)) {
        EXPECT_TRUE(allowed.contains(match[1])) << file.path << ": " << line;
      }
    }
  }
}

TEST(Rules, LibrariesNeitherExitNorPrintNorReadTheEnvironment) {
  const std::regex forbidden(
      R"((\bstd::exit|\bstd::abort|\bexit\(|\babort\(|\bgetenv|std::cout|std::cerr|\bprintf\())");
  for (const SourceFile& file : sources({"core", "kernels", "layers", "models"})) {
    if (file.is_under("kernels/cuda/emulator/")) {
      continue;
    }
    for (const std::string& line : file.lines) {
      const std::string code = line.substr(0, line.find("//"));
      EXPECT_FALSE(std::regex_search(code, forbidden)) << file.path << ": " << line;
    }
  }
}

TEST(Rules, HeadersDoNotUseWholeNamespaces) {
  for (const SourceFile& file : sources(kFloors)) {
    if (!file.path.ends_with(".h")) {
      continue;
    }
    EXPECT_TRUE(!file.lines.empty());
    for (const std::string& line : file.lines) {
      EXPECT_EQ(line.find("using namespace"), std::string::npos) << file.path;
    }
  }
}

}  // namespace
}  // namespace lrcn::test
