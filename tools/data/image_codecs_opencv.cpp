// The module lrcn_opencv_codecs: the only file of the image readers that knows OpenCV. It is not
// part of the libraries; image_codecs.cpp opens it.
#include <cstdint>
#include <cstdio>
#include <exception>
#include <limits>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "tools/data/image_codecs.h"

namespace {

// The threads of the program are its own business.
void use_one_thread() {
  static const bool once = [] {
    cv::setNumThreads(1);
    return true;
  }();
  static_cast<void>(once);
}

int refuse(const LrcnDecodeRequest& request, const char* reason) {
  std::snprintf(request.error, request.error_size, "%s", reason);
  return 1;
}

int decode(const LrcnDecodeRequest& request) {
  if (request.size > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    return refuse(request, "OpenCV reads files below 2 GiB only");
  }
  use_one_thread();
  const cv::Mat bytes(1, static_cast<int>(request.size), CV_8UC1,
                      const_cast<unsigned char*>(request.bytes));
  const cv::Mat picture =
      cv::imdecode(bytes, cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION);  // blue green red
  if (picture.empty()) {
    return refuse(request, "the data of the picture are damaged (OpenCV cannot decode them)");
  }
  if (picture.cols != request.width || picture.rows != request.height ||
      picture.type() != CV_8UC3) {
    return refuse(request, "the picture has another size than its header says");
  }
  unsigned char* target = request.pixels;
  for (int y = 0; y < picture.rows; ++y) {
    const unsigned char* source = picture.ptr<unsigned char>(y);
    for (int x = 0; x < picture.cols; ++x, source += 3, target += 3) {
      target[0] = source[2];
      target[1] = source[1];
      target[2] = source[0];
    }
  }
  return 0;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int lrcn_opencv_decode(
    const LrcnDecodeRequest* request) {
  try {
    return decode(*request);
  } catch (const std::exception& error) {
    return refuse(*request, error.what());
  } catch (...) {
    return refuse(*request, "OpenCV failed for an unknown reason");
  }
}
