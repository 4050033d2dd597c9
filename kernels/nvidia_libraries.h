// NVIDIA's libraries that a build with CUDA may use, opened when they are first asked for.
#pragma once

#include <string>

namespace lrcn {

struct NvidiaLibrary {
  std::string name;     // "cuDNN"
  std::string version;  // that was opened, "9.19.0"; empty: it is not there
  std::string problem;  // why it is not there
};

// Open the library, which takes up to some hundred milliseconds the first time. Need no device.
NvidiaLibrary cudnn_library();
NvidiaLibrary cublaslt_library();

}  // namespace lrcn
