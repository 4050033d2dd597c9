// A library that is opened while the program runs, so that the program also starts without it.
#pragma once

#include <string>

#include "core/error.h"

namespace lrcn::cuda {

// A library once opened stays so until the process ends: it may have threads and handlers of its
// own.
class SharedLibrary {
 public:
  // name: "libcudnn.so.9", looked for as the dynamic linker does, and then at `path`, where it was
  // when this program was built.
  SharedLibrary(const std::string& name, const std::string& path);

  bool is_open() const { return library_ != nullptr; }
  // "libcudnn.so.9: cannot open shared object file ..."; empty when it is open.
  const std::string& problem() const { return problem_; }

  // The function of that name. Throws DeviceError when the library is not open or has none.
  template <class Function>
  Function* function(const char* name) const {
    return reinterpret_cast<Function*>(symbol(name));
  }

 private:
  void* symbol(const char* name) const;

  std::string name_;
  void* library_ = nullptr;
  std::string problem_;
};

// Where LRCN_HAS_CUDNN and LRCN_HAS_CUBLAS say that the build knows them.
SharedLibrary open_cudnn();
SharedLibrary open_cublaslt();

}  // namespace lrcn::cuda
