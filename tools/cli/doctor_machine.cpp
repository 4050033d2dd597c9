#include "tools/cli/doctor_machine.h"

#include <omp.h>
#include <sched.h>

#include <charconv>
#include <string_view>

#include "core/error.h"
#include "core/io/file.h"

namespace lrcn {
namespace {

// Empty when the system does not have that file.
std::string read_if_there(const char* path) {
  try {
    return read_file(path);
  } catch (const Error&) {
    return {};
  }
}

// What follows `key` and a colon on its line, without blanks round it.
std::string value_of(const std::string& text, std::string_view key) {
  std::size_t begin = text.find(key);
  if (begin == std::string::npos) {
    return {};
  }
  begin = text.find(':', begin);
  const std::size_t end = text.find('\n', begin);
  if (begin == std::string::npos) {
    return {};
  }
  const std::string value = text.substr(begin + 1, end - begin - 1);
  const std::size_t first = value.find_first_not_of(" \t");
  return first == std::string::npos ? "" : value.substr(first);
}

// The number that `text` begins with; 0 when it begins with none.
std::uint64_t leading_number(const std::string& text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::vector<std::string> features() {
  std::vector<std::string> found;
#if defined(__x86_64__)
  __builtin_cpu_init();
  const auto add = [&](bool there, const char* name) {
    if (there) {
      found.emplace_back(name);
    }
  };
  add(__builtin_cpu_supports("sse4.2"), "SSE4.2");
  add(__builtin_cpu_supports("avx"), "AVX");
  add(__builtin_cpu_supports("avx2"), "AVX2");
  add(__builtin_cpu_supports("fma"), "FMA");
  add(__builtin_cpu_supports("avx512f"), "AVX512F");
  add(__builtin_cpu_supports("avx512bw"), "AVX512BW");
  add(__builtin_cpu_supports("avx512vl"), "AVX512VL");
  add(__builtin_cpu_supports("avx512vnni"), "AVX512VNNI");
  add(__builtin_cpu_supports("avx512bf16"), "AVX512BF16");
#endif
  return found;
}

int usable_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return ::sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 0;
}

}  // namespace

MachineFacts machine_facts() {
  const std::string memory = read_if_there("/proc/meminfo");
  const std::string model = value_of(read_if_there("/proc/cpuinfo"), "model name");
  return {.processor = model.empty() ? "unknown" : model,
          .features = features(),
          .processors = usable_processors(),
          .threads = omp_get_max_threads(),
          .memory = leading_number(value_of(memory, "MemTotal")) * 1024,
          .memory_free = leading_number(value_of(memory, "MemAvailable")) * 1024,
          .memory_limit = leading_number(read_if_there("/sys/fs/cgroup/memory.max"))};
}

}  // namespace lrcn
