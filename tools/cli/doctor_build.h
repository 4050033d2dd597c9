// How this program was built.
#pragma once

#include <string>

namespace lrcn {

struct BuildFacts {
  std::string version;
  std::string compiler;
  std::string type;  // Release
  std::string flags;
  bool has_cuda = false;
};

BuildFacts build_facts();

}  // namespace lrcn
