// libjpeg reports errors by a function that must not return. It jumps back into the member function
// of JpegWriter that called libjpeg, which holds nothing that has a destructor.
#include "tools/report/jpeg_encode.h"

#include <array>
#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
// libjpeg's header needs FILE.
#include <jpeglib.h>

#include "core/error.h"

namespace lrcn {
namespace {

class JpegWriter {
 public:
  JpegWriter() {
    info_.err = jpeg_std_error(&errors_.base);
    errors_.base.error_exit = stop;
    errors_.base.output_message = [](j_common_ptr) {};
  }
  ~JpegWriter() {
    jpeg_destroy_compress(&info_);
    std::free(file_);  // libjpeg took it with malloc
  }
  JpegWriter(const JpegWriter&) = delete;
  JpegWriter& operator=(const JpegWriter&) = delete;

  // False: message() says why.
  [[nodiscard]] bool write(const Image& image, int quality) {
    if (setjmp(errors_.jump) != 0) {
      return false;
    }
    jpeg_create_compress(&info_);
    jpeg_mem_dest(&info_, &file_, &bytes_);
    info_.image_width = JDIMENSION(image.width);
    info_.image_height = JDIMENSION(image.height);
    info_.input_components = 3;
    info_.in_color_space = JCS_RGB;
    jpeg_set_defaults(&info_);
    jpeg_set_quality(&info_, quality, TRUE);
    jpeg_start_compress(&info_, TRUE);
    while (info_.next_scanline < info_.image_height) {
      // libjpeg takes rows by a pointer that is not const, and does not write to them.
      auto* row = const_cast<JSAMPROW>(image.pixels.data() +
                                       std::size_t(info_.next_scanline) * image.width * 3);
      jpeg_write_scanlines(&info_, &row, 1);
    }
    jpeg_finish_compress(&info_);
    return true;
  }

  std::string file() const { return {reinterpret_cast<const char*>(file_), bytes_}; }
  std::string message() const { return errors_.message.data(); }

 private:
  struct Errors {
    jpeg_error_mgr base;
    std::jmp_buf jump;
    std::array<char, JMSG_LENGTH_MAX> message;
  };

  [[noreturn]] static void stop(j_common_ptr info) {
    auto* errors = reinterpret_cast<Errors*>(info->err);  // its first member
    info->err->format_message(info, errors->message.data());
    std::longjmp(errors->jump, 1);
  }

  jpeg_compress_struct info_{};
  Errors errors_{};
  unsigned char* file_ = nullptr;
  unsigned long bytes_ = 0;
};

}  // namespace

std::string encode_jpeg(const Image& image, int quality) {
  check(image.width > 0 && image.height > 0 && image.width <= JPEG_MAX_DIMENSION &&
            image.height <= JPEG_MAX_DIMENSION &&
            image.pixels.size() == std::size_t(image.width) * std::size_t(image.height) * 3,
        "encode_jpeg: sides must be 1 to ", JPEG_MAX_DIMENSION, " with three bytes a pixel, got ",
        image.width, "x", image.height, " and ", image.pixels.size(), " bytes");
  check(quality >= 1 && quality <= 100, "encode_jpeg: quality must be 1 to 100, got ", quality);
  JpegWriter writer;
  check<DataError>(writer.write(image, quality), "encode_jpeg: ", writer.message());
  return writer.file();
}

}  // namespace lrcn
