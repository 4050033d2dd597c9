#include "kernels/window.h"

#include <ostream>

#include "core/error.h"

namespace lrcn {
namespace {

struct Axis {
  const char* name;
  std::int64_t extent;
  std::int64_t kernel;
  std::int64_t stride;
  std::int64_t pad_begin;
  std::int64_t pad_end;
};

std::int64_t count(const char* operation, const Axis& axis, Rounding rounding) {
  check(axis.kernel >= 1 && axis.stride >= 1, operation, ": kernel and stride of the ", axis.name,
        " must be >= 1, got ", axis.kernel, " and ", axis.stride);
  check(axis.pad_begin >= 0 && axis.pad_end >= 0 && axis.pad_begin < axis.kernel &&
            axis.pad_end < axis.kernel,
        operation, ": padding of the ", axis.name, " must be >= 0 and below the kernel's ",
        axis.kernel, ", got ", axis.pad_begin, " and ", axis.pad_end);
  const std::int64_t room = axis.extent + axis.pad_begin + axis.pad_end - axis.kernel;
  check(axis.extent >= 1 && room >= 0, operation, ": the ", axis.name,
        " of x must hold a window of ", axis.kernel, ", got ", axis.extent, " and padding ",
        axis.pad_begin, " + ", axis.pad_end);
  if (rounding == Rounding::down) {
    return room / axis.stride + 1;
  }
  const std::int64_t windows = (room + axis.stride - 1) / axis.stride + 1;
  const bool starts_behind = (windows - 1) * axis.stride >= axis.extent + axis.pad_begin;
  return starts_behind ? windows - 1 : windows;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Window& window) {
  return out << window.kernel_h << 'x' << window.kernel_w << " stride " << window.stride_h << 'x'
             << window.stride_w << " pad " << window.pad_top << ',' << window.pad_left << ','
             << window.pad_bottom << ',' << window.pad_right;
}

WindowCount count_windows(const char* operation, std::int64_t height, std::int64_t width,
                          const Window& window, Rounding rounding) {
  return {
      count(operation,
            {"height", height, window.kernel_h, window.stride_h, window.pad_top, window.pad_bottom},
            rounding),
      count(operation,
            {"width", width, window.kernel_w, window.stride_w, window.pad_left, window.pad_right},
            rounding)};
}

}  // namespace lrcn
