#include "core/device.h"

#include <charconv>
#include <ostream>

#include "core/error.h"

namespace lrcn {

Device Device::parse(std::string_view text) {
  if (text == "cpu") {
    return cpu();
  }
  if (text == "cuda") {
    return cuda(0);
  }
  constexpr std::string_view kPrefix = "cuda:";
  if (text.starts_with(kPrefix)) {
    int index = -1;
    const char* end = text.data() + text.size();
    const auto result = std::from_chars(text.data() + kPrefix.size(), end, index);
    if (result.ec == std::errc() && result.ptr == end && index >= 0) {
      return cuda(index);
    }
  }
  fail<ArgumentError>("device: expected cpu, cuda or cuda:INDEX, got '", text, "'");
}

std::ostream& operator<<(std::ostream& out, Device device) {
  return device.is_cpu() ? out << "cpu" : out << "cuda:" << device.index;
}

}  // namespace lrcn
