// Sliding windows over images, as convolution and pooling use them.
#pragma once

#include <cstdint>
#include <iosfwd>

namespace lrcn {

// Extents in pixels. Padding may differ at the two ends of an axis (ONNX's SAME_UPPER needs it).
struct Window {
  std::int64_t kernel_h = 1;
  std::int64_t kernel_w = 1;
  std::int64_t stride_h = 1;
  std::int64_t stride_w = 1;
  std::int64_t pad_top = 0;
  std::int64_t pad_left = 0;
  std::int64_t pad_bottom = 0;
  std::int64_t pad_right = 0;

  static constexpr Window square(std::int64_t kernel, std::int64_t stride = 1,
                                 std::int64_t pad = 0) {
    return {kernel, kernel, stride, stride, pad, pad, pad, pad};
  }
  friend bool operator==(const Window&, const Window&) = default;
};

// "3x3 stride 1x1 pad 1,1,1,1": kernel and stride as height x width, padding as top, left, bottom,
// right.
std::ostream& operator<<(std::ostream& out, const Window& window);

enum class Rounding : std::uint8_t { down, up };

// How many windows an image [.., .., height, width] holds along each axis.
struct WindowCount {
  std::int64_t h = 0;
  std::int64_t w = 0;
};

// (extent + padding - kernel) / stride + 1 along each axis. Rounded up, a last window that would
// start in the padding behind the image is left out (the rule of Caffe and ONNX).
// Throws ArgumentError, naming `operation`, for windows without extent, negative padding, padding
// as wide as the kernel, or an image smaller than one window.
WindowCount count_windows(const char* operation, std::int64_t height, std::int64_t width,
                          const Window& window, Rounding rounding);

}  // namespace lrcn
