// libjpeg reports errors by a function that must not return. It jumps back into the member function
// of JpegReader that called libjpeg; those functions hold nothing that has a destructor.
#include "tools/data/jpeg_decode.h"

#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <utility>
#include <vector>
// libjpeg's headers need FILE, and each other in this order.
// clang-format off
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include "tools/data/exif.h"
#include "tools/data/image_refuse.h"

namespace lrcn {
namespace {

// A file of a few kilobytes can announce thousands of scans over a huge picture and keep a reader
// busy for hours; real progressive files have about ten.
constexpr int kMaxScans = 500;

class JpegReader {
 public:
  explicit JpegReader(std::span<const std::byte> bytes) : bytes_(bytes) {
    info_.err = jpeg_std_error(&errors_.base);
    errors_.base.error_exit = stop;
    errors_.base.emit_message = stop_on_warning;
    errors_.base.output_message = [](j_common_ptr) {};
    progress_.progress_monitor = limit_scans;
  }
  ~JpegReader() { jpeg_destroy_decompress(&info_); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  // False: message() says why.
  [[nodiscard]] bool read_header() {
    if (setjmp(errors_.jump) != 0) {
      return false;
    }
    jpeg_create_decompress(&info_);
    info_.progress = &progress_;
    jpeg_save_markers(&info_, kExifMarker, 0xffff);
    jpeg_mem_src(&info_, reinterpret_cast<const unsigned char*>(bytes_.data()), bytes_.size());
    jpeg_read_header(&info_, TRUE);
    return true;
  }

  // Fills pixels: [height, width, 3]; `ink` has room for one row of four channels.
  [[nodiscard]] bool read_pixels(uint8_t* pixels, uint8_t* ink) {
    if (setjmp(errors_.jump) != 0) {
      return false;
    }
    info_.out_color_space = four_channels() ? JCS_CMYK : JCS_RGB;
    jpeg_start_decompress(&info_);
    const size_t row_bytes = size_t{3} * info_.output_width;
    while (info_.output_scanline < info_.output_height) {
      uint8_t* row = pixels + row_bytes * info_.output_scanline;
      if (four_channels()) {
        jpeg_read_scanlines(&info_, &ink, 1);
        ink_to_rgb(ink, row);
      } else {
        // libjpeg hands out as many rows at once as it decodes together.
        std::array<JSAMPROW, 4> rows = {row, row + row_bytes, row + 2 * row_bytes,
                                        row + 3 * row_bytes};
        const JDIMENSION left = info_.output_height - info_.output_scanline;
        jpeg_read_scanlines(&info_, rows.data(), left < rows.size() ? left : rows.size());
      }
    }
    // Reads on to the end marker, so that a file cut off behind the last row is noticed.
    jpeg_finish_decompress(&info_);
    return true;
  }

  int orientation() const {
    for (const jpeg_marker_struct* marker = info_.marker_list; marker != nullptr;
         marker = marker->next) {
      if (marker->marker == kExifMarker && marker->data_length >= 6 &&
          std::memcmp(marker->data, "Exif\0\0", 6) == 0) {
        return exif_orientation(
            std::as_bytes(std::span(marker->data + 6, marker->data_length - 6)));
      }
    }
    return 1;
  }

  bool four_channels() const {
    return info_.jpeg_color_space == JCS_CMYK || info_.jpeg_color_space == JCS_YCCK;
  }
  bool wrong_precision() const { return errors_.base.msg_code == JERR_BAD_PRECISION; }
  int precision() const { return info_.data_precision; }
  int64_t width() const { return info_.image_width; }
  int64_t height() const { return info_.image_height; }
  const char* message() const { return errors_.message; }

 private:
  static constexpr int kExifMarker = JPEG_APP0 + 1;

  struct Errors {
    jpeg_error_mgr base;  // first, so that libjpeg's pointer to it is a pointer to Errors
    std::jmp_buf jump;
    char message[JMSG_LENGTH_MAX];
  };

  [[noreturn]] static void stop(j_common_ptr info) {
    auto* errors = reinterpret_cast<Errors*>(info->err);
    errors->base.format_message(info, errors->message);
    std::longjmp(errors->jump, 1);
  }

  // Negative levels are warnings about corrupt data, the others traces.
  static void stop_on_warning(j_common_ptr info, int level) {
    if (level < 0) {
      stop(info);
    }
  }

  static void limit_scans(j_common_ptr info) {
    const auto* decoder = reinterpret_cast<j_decompress_ptr>(info);
    if (decoder->input_scan_number > kMaxScans) {
      auto* errors = reinterpret_cast<Errors*>(info->err);
      std::snprintf(errors->message, sizeof(errors->message), "more than %d scans", kMaxScans);
      std::longjmp(errors->jump, 1);
    }
  }

  // ink: [width, 4], cyan magenta yellow black; rgb: [width, 3]
  void ink_to_rgb(const uint8_t* ink, uint8_t* rgb) const {
    const unsigned invert = info_.saw_Adobe_marker ? 0 : 255;
    for (JDIMENSION x = 0; x < info_.output_width; ++x, ink += 4, rgb += 3) {
      const unsigned black = ink[3] ^ invert;
      for (int c = 0; c < 3; ++c) {
        rgb[c] = static_cast<uint8_t>(((ink[c] ^ invert) * black + 127) / 255);
      }
    }
  }

  std::span<const std::byte> bytes_;
  Errors errors_{};
  jpeg_progress_mgr progress_{};
  jpeg_decompress_struct info_{};
};

[[noreturn]] void refuse(std::string_view name, const JpegReader& reader) {
  if (reader.wrong_precision()) {
    refuse_image(name, "JPEG with ", reader.precision(),
                 " bits a sample, only 8 are supported (libjpeg: ", reader.message(), ")");
  }
  refuse_image(name, "damaged or unsupported JPEG (libjpeg: ", reader.message(), ")");
}

}  // namespace

Image decode_jpeg(std::span<const std::byte> bytes, std::string_view name,
                  const DecodeOptions& options) {
  JpegReader reader(bytes);
  if (!reader.read_header()) {
    refuse(name, reader);
  }
  check_image_size(reader.width(), reader.height(), name, options);
  const int orientation = reader.orientation();  // libjpeg forgets it at the end of the picture
  Image image{.width = static_cast<int>(reader.width()),
              .height = static_cast<int>(reader.height()),
              .pixels = {}};
  image.pixels.resize(size_t{3} * image.width * image.height);
  std::vector<uint8_t> ink(reader.four_channels() ? size_t{4} * image.width : 0);
  if (!reader.read_pixels(image.pixels.data(), ink.data())) {
    refuse(name, reader);
  }
  return oriented(std::move(image), orientation);
}

}  // namespace lrcn
