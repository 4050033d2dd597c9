// The libraries behind the program.
#pragma once

#include <string>
#include <vector>

namespace lrcn {

struct LibraryFacts {
  std::string name;
  std::string version;  // that is loaded, where the library can tell, else that of the build
  std::string problem;  // empty when it works
  std::string remedy;   // what to do about it
};

// oneDNN, libjpeg, libpng, libcrypto, the module with OpenCV's codecs, and in builds for a real
// CUDA device cuDNN and cuBLASLt.
std::vector<LibraryFacts> library_facts();

}  // namespace lrcn
