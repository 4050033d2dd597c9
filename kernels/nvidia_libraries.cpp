#include "kernels/nvidia_libraries.h"

#include "core/error.h"

#if LRCN_HAS_CUDNN || LRCN_HAS_CUBLAS
#include "kernels/cuda/shared_library.h"
#endif

namespace lrcn {
namespace {

[[maybe_unused]] NvidiaLibrary absent(const char* name, const char* option) {
  return {name, "",
          concat("this build has no ", name, "; configure with -DLRCN_CUDA=ON -D", option, "=ON")};
}

#if LRCN_HAS_CUDNN || LRCN_HAS_CUBLAS
// "9.19.0" from 91900, 10000 a major version and 100 a minor one.
std::string version_text(std::size_t version) {
  return concat(version / 10000, '.', version / 100 % 100, '.', version % 100);
}

NvidiaLibrary open(const char* name, const cuda::SharedLibrary& library, const char* version) {
  if (!library.is_open()) {
    return {name, "", library.problem()};
  }
  return {name, version_text(library.function<std::size_t()>(version)()), ""};
}
#endif

}  // namespace

NvidiaLibrary cudnn_library() {
#if LRCN_HAS_CUDNN
  return open("cuDNN", cuda::open_cudnn(), "cudnnGetVersion");
#else
  return absent("cuDNN", "LRCN_CUDNN");
#endif
}

NvidiaLibrary cublaslt_library() {
#if LRCN_HAS_CUBLAS
  return open("cuBLASLt", cuda::open_cublaslt(), "cublasLtGetVersion");
#else
  return absent("cuBLASLt", "LRCN_CUBLAS");
#endif
}

}  // namespace lrcn
