#include "kernels/cuda/convolution_geometry.h"

#include <limits>

namespace lrcn::cuda {
namespace {

constexpr std::int64_t kLargest = std::numeric_limits<std::int32_t>::max();

std::int32_t narrow(std::int64_t extent) {
  check(extent <= kLargest, "convolution: CUDA kernels count up to ", kLargest,
        " elements within an image or a filter, got ", extent);
  return std::int32_t(extent);
}

}  // namespace

ConvolutionGeometry::ConvolutionGeometry(const ConvolutionProblem& problem, const TensorSpec& x,
                                         const TensorSpec& y)
    : images(x.shape[0]),
      channels(narrow(x.shape[1])),
      height(narrow(x.shape[2])),
      width(narrow(x.shape[3])),
      out_channels(narrow(y.shape[1])),
      out_height(narrow(y.shape[2])),
      out_width(narrow(y.shape[3])),
      kernel_h(narrow(problem.window.kernel_h)),
      kernel_w(narrow(problem.window.kernel_w)),
      stride_h(narrow(problem.window.stride_h)),
      stride_w(narrow(problem.window.stride_w)),
      pad_top(narrow(problem.window.pad_top)),
      pad_left(narrow(problem.window.pad_left)),
      groups(narrow(problem.groups)),
      group_channels(channels / groups),
      group_outputs(out_channels / groups),
      x_image(narrow(x.shape.elements(1, 4))),
      x_channel(x.layout == Layout::nhwc ? 1 : narrow(x.shape.elements(2, 4))),
      x_pixel(x.layout == Layout::nhwc ? channels : 1),
      y_image(narrow(y.shape.elements(1, 4))),
      by_width(width),
      by_plane(std::int64_t(height) * width),
      by_out_width(out_width),
      by_out_plane(std::int64_t(out_height) * out_width),
      by_channels(channels),
      by_out_channels(out_channels),
      by_group_channels(group_channels),
      by_group_outputs(group_outputs),
      by_kernel_w(kernel_w),
      by_stride_h(stride_h),
      by_stride_w(stride_w) {
  narrow(std::int64_t(kernel_h) * kernel_w);
  narrow((std::int64_t(kernel_h) + 1) * width * channels);  // how far a tap is from its window
  narrow(std::int64_t(kernel_h) * kernel_w * group_channels);
  narrow(std::int64_t(kernel_h) * kernel_w * group_outputs);
}

}  // namespace lrcn::cuda
