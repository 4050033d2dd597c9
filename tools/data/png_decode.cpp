// libpng reports errors by a function that must not return. It jumps back into the member function
// of PngReader that called libpng; those functions hold nothing that has a destructor.
#include "tools/data/png_decode.h"

#include <png.h>

#include <csetjmp>
#include <cstdio>
#include <cstring>

#include "tools/data/exif.h"
#include "tools/data/image_bytes.h"
#include "tools/data/image_refuse.h"

namespace lrcn {
namespace {

class PngReader {
 public:
  explicit PngReader(std::span<const std::byte> bytes) : bytes_(bytes) {}
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  // False: message() says why.
  [[nodiscard]] bool read_header() {
    if (setjmp(jump_) != 0) {
      return false;
    }
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error, on_warning);
    info_ = png_ == nullptr ? nullptr : png_create_info_struct(png_);
    if (info_ == nullptr) {
      std::snprintf(message_, sizeof(message_), "no memory for the reader");
      return false;
    }
    png_set_read_fn(png_, this, on_read);
    png_set_crc_action(png_, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    png_set_benign_errors(png_, 0);
    // Chunks that do not change our pixels are skipped, so that a faulty text or colour profile,
    // which is common, spoils no picture. A negative count means all that libpng would interpret.
    png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
    png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER,
                                reinterpret_cast<png_const_bytep>("tRNS"), 1);
    png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // ours give clearer messages
    png_read_info(png_, info_);
    return true;
  }

  // rows: [height] pointers to [width, 3].
  [[nodiscard]] bool read_pixels(png_bytepp rows) {
    if (setjmp(jump_) != 0) {
      return false;
    }
    png_set_expand(png_);
    png_set_strip_16(png_);
    png_set_strip_alpha(png_);
    png_set_gray_to_rgb(png_);
    png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    if (png_get_rowbytes(png_, info_) != size_t{3} * png_get_image_width(png_, info_)) {
      png_error(png_, "rows are not RGB");
    }
    png_read_image(png_, rows);
    png_read_end(png_, info_);
    return true;
  }

  int64_t width() const { return png_get_image_width(png_, info_); }
  int64_t height() const { return png_get_image_height(png_, info_); }
  const char* message() const { return message_; }

 private:
  [[noreturn]] static void on_error(png_structp png, png_const_charp text) {
    auto* reader = static_cast<PngReader*>(png_get_error_ptr(png));
    // libpng tells the cause as a warning before a general error: "Image width is zero in IHDR".
    const bool explained = reader->warning_[0] != 0;
    std::snprintf(reader->message_, sizeof(reader->message_), "%s%s%s", text, explained ? "; " : "",
                  reader->warning_);
    std::longjmp(reader->jump_, 1);
  }

  static void on_warning(png_structp png, png_const_charp text) {
    auto* reader = static_cast<PngReader*>(png_get_error_ptr(png));
    std::snprintf(reader->warning_, sizeof(reader->warning_), "%s", text);
  }

  static void on_read(png_structp png, png_bytep target, size_t size) {
    auto* reader = static_cast<PngReader*>(png_get_io_ptr(png));
    if (size > reader->bytes_.size()) {
      png_error(png, "the data end early");
    }
    std::memcpy(target, reader->bytes_.data(), size);
    reader->bytes_ = reader->bytes_.subspan(size);
  }

  std::span<const std::byte> bytes_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::jmp_buf jump_{};
  char warning_[256] = {};
  char message_[520] = {};
};

// The orientation in the chunk eXIf of a file that libpng has read to its end. libpng would take a
// broken EXIF block for an error of the picture, so it is not shown that chunk.
int orientation(std::span<const std::byte> png) {
  constexpr size_t kSignature = 8;
  constexpr size_t kFrame = 12;  // length, name and checksum of a chunk
  for (size_t at = kSignature; at + kFrame <= png.size();) {
    const size_t size = big_endian(png, at, 4);
    if (size > png.size() - at - kFrame || std::memcmp(&png[at + 4], "IEND", 4) == 0) {
      break;
    }
    if (std::memcmp(&png[at + 4], "eXIf", 4) == 0) {
      return exif_orientation(png.subspan(at + 8, size));
    }
    at += kFrame + size;
  }
  return 1;
}

[[noreturn]] void refuse(std::string_view name, const PngReader& reader) {
  refuse_image(name, "damaged or unsupported PNG (libpng: ", reader.message(), ")");
}

}  // namespace

Image decode_png(std::span<const std::byte> bytes, std::string_view name,
                 const DecodeOptions& options) {
  PngReader reader(bytes);
  if (!reader.read_header()) {
    refuse(name, reader);
  }
  check_image_size(reader.width(), reader.height(), name, options);
  Image image{.width = static_cast<int>(reader.width()),
              .height = static_cast<int>(reader.height()),
              .pixels = {}};
  const size_t row_bytes = size_t{3} * image.width;
  image.pixels.resize(row_bytes * image.height);
  std::vector<png_bytep> rows(image.height);
  for (size_t y = 0; y < rows.size(); ++y) {
    rows[y] = image.pixels.data() + y * row_bytes;
  }
  if (!reader.read_pixels(rows.data())) {
    refuse(name, reader);
  }
  return oriented(std::move(image), orientation(bytes));
}

}  // namespace lrcn
