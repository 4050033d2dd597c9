// A place in a kernel where threads wait for each other, or where a copy begins.
#pragma once

#include <source_location>
#include <string>

namespace lrcn::cuda::emulator {

struct Site {
  const char* operation = "";
  std::source_location place = {};

  // "__syncthreads at softmax.cu:41 (in void softmax_kernel(...))".
  std::string text() const;
  bool operator==(const Site& other) const;
};

}  // namespace lrcn::cuda::emulator
