// How large the last-level cache is, as the system tells.
#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <system_error>
#include <thread>

#include "core/io/file.h"
#include "tools/bench/operands.h"

#if LRCN_HAS_CUDA
#include "core/cuda/device_info.h"
#endif

namespace lrcn {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kUntold = std::size_t(64) << 20;  // where the system does not tell

// "32768K" or "32M".
std::size_t size_of_text(const std::string& text) {
  std::istringstream in(text);
  std::size_t size = 0;
  char unit = ' ';
  in >> size >> unit;
  return unit == 'K' ? size << 10 : unit == 'M' ? size << 20 : size;
}

// How many processors "0-3,8" lists.
std::size_t processors_of(const std::string& list) {
  std::istringstream in(list);
  std::size_t count = 0;
  for (std::string part; std::getline(in, part, ',');) {
    std::istringstream range(part);
    std::size_t first = 0;
    std::size_t last = 0;
    char dash = ' ';
    if (range >> first) {
      count += range >> dash >> last && last >= first ? last - first + 1 : 1;
    }
  }
  return count;
}

std::size_t cache_of_processors() {
  std::size_t largest = 0;
  std::size_t sharing = 1;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/sys/devices/system/cpu/cpu0/cache", error)) {
    if (!fs::exists(entry.path() / "size", error)) {
      continue;
    }
    const std::size_t size = size_of_text(read_file(entry.path() / "size"));
    if (size > largest) {
      largest = size;
      const fs::path list = entry.path() / "shared_cpu_list";
      sharing =
          fs::exists(list, error) ? std::max<std::size_t>(1, processors_of(read_file(list))) : 1;
    }
  }
  const std::size_t processors = std::max(1u, std::thread::hardware_concurrency());
  return largest == 0 ? kUntold : largest * ((processors + sharing - 1) / sharing);
}

}  // namespace

std::size_t last_level_cache(Device device) {
#if LRCN_HAS_CUDA
  if (device.is_cuda()) {
    const auto devices = cuda::find_platform().devices;
    const std::size_t index = std::size_t(device.index);
    const std::size_t size = index < devices.size() ? devices[index].cache : 0;
    return size > 0 ? size : kUntold;
  }
#endif
  (void)device;
  static const std::size_t size = cache_of_processors();
  return size;
}

}  // namespace lrcn
