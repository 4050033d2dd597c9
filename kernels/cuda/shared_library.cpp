// LRCN_CUDNN_FILE and LRCN_CUBLASLT_FILE come from cmake/LrcnTarget.cmake.
#include "kernels/cuda/shared_library.h"

#include <dlfcn.h>

namespace lrcn::cuda {

SharedLibrary::SharedLibrary(const std::string& name, const std::string& path) : name_(name) {
  library_ = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library_ == nullptr) {
    const char* reason = dlerror();
    problem_ = reason == nullptr ? concat(name, ": cannot be opened") : reason;
    library_ = path.empty() ? nullptr : dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library_ != nullptr) {
      problem_.clear();
    }
  }
}

void* SharedLibrary::symbol(const char* name) const {
  check<DeviceError>(is_open(), problem_);
  void* found = dlsym(library_, name);
  check<DeviceError>(found != nullptr, name_, " has no ", name);
  return found;
}

#if LRCN_HAS_CUDNN
SharedLibrary open_cudnn() { return {"libcudnn.so.9", LRCN_CUDNN_FILE}; }
#endif
#if LRCN_HAS_CUBLAS
SharedLibrary open_cublaslt() { return {LRCN_CUBLASLT_NAME, LRCN_CUBLASLT_FILE}; }
#endif

}  // namespace lrcn::cuda
