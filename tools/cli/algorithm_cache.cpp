#include "tools/cli/algorithm_cache.h"

#include <omp.h>

#include <cstdlib>
#include <fstream>

#include "core/error.h"
#include "core/io/file.h"
#include "core/io/json.h"
#include "core/version.h"
#include "kernels/algorithm_choices.h"

namespace lrcn {
namespace {

// "AMD EPYC 9454, 2 threads, lrcn 0.1.0": what a measurement holds for.
std::string machine_name() {
  std::string processor = "unknown processor";
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) {
      processor = line.substr(colon + 2);
      break;
    }
  }
  return concat(processor, ", ", omp_get_max_threads(), " threads, lrcn ", version());
}

Json read_or_empty(const std::filesystem::path& file) {
  return std::filesystem::exists(file) ? Json::parse(read_file(file), {}, file.string())
                                       : Json::object();
}

}  // namespace

std::filesystem::path AlgorithmCache::default_file() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache != '\0') {
    return std::filesystem::path(cache) / "lrcn" / "algorithms.json";
  }
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') {
    return std::filesystem::path(home) / ".cache" / "lrcn" / "algorithms.json";
  }
  return {};
}

AlgorithmCache::AlgorithmCache(Context& context, Terminal& terminal)
    : terminal_(terminal), file_(default_file()), machine_(machine_name()) {
  if (file_.empty()) {
    return;
  }
  try {
    AlgorithmChoices::Entries entries;
    const Json all = read_or_empty(file_);
    if (const auto known = all.find(machine_)) {
      for (const auto& [problem, algorithm] : known->members()) {
        entries[problem] = algorithm.as_string();
      }
    }
    context.handle<AlgorithmChoices>().load(entries);
  } catch (const Error& error) {
    terminal_.warning(concat("algorithms are measured again: ", error.what()));
  }
}

void AlgorithmCache::store(Context& context) {
  const auto& entries = context.handle<AlgorithmChoices>().entries();
  if (file_.empty() || entries.empty()) {
    return;
  }
  try {
    Json all = read_or_empty(file_);
    Json known = all.find(machine_).value_or(Json::object());
    const std::string before = known.dump();
    for (const auto& [problem, algorithm] : entries) {
      if (!known.has(problem)) {
        known.set(problem, algorithm);
      }
    }
    if (known.dump() == before) {
      return;
    }
    all.set(machine_, known);
    std::error_code ignored;  // the write below reports what is wrong
    std::filesystem::create_directories(file_.parent_path(), ignored);
    write_file_atomically(file_, all.dump(1) + "\n");
  } catch (const Error& error) {
    terminal_.warning(concat("measured algorithms are not kept: ", error.what()));
  }
}

}  // namespace lrcn
