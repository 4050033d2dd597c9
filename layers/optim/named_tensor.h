// A tensor together with the name under which files hold it.
#pragma once

#include <string>

#include "core/tensor.h"

namespace lrcn {

struct NamedTensor {
  std::string name;
  Tensor tensor;
};

}  // namespace lrcn
