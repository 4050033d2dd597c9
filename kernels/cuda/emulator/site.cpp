#include "kernels/cuda/emulator/site.h"

#include <string_view>

#include "core/error.h"

namespace lrcn::cuda::emulator {

std::string Site::text() const {
  return concat(operation, " at ", place.file_name(), ':', place.line(), " (in ",
                place.function_name(), ')');
}

bool Site::operator==(const Site& other) const {
  // Mostly the very same literals.
  const auto same_text = [](const char* a, const char* b) {
    return a == b || std::string_view(a) == b;
  };
  return place.line() == other.place.line() && place.column() == other.place.column() &&
         same_text(place.file_name(), other.place.file_name()) &&
         same_text(operation, other.operation);
}

}  // namespace lrcn::cuda::emulator
