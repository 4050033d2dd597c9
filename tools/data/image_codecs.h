// The codecs that come from OpenCV, in a module that is opened when the first picture needs it:
// linking OpenCV would cost 75 ms at every start of the program.
//
// The module is one file, lrcn_opencv_codecs.so, with one function, below. It is looked for in the
// folder of the program, in LIBDIR/lrcn under it, and in ../LIBDIR/lrcn beside it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

#include "tools/data/image.h"

extern "C" {

struct LrcnDecodeRequest {
  const unsigned char* bytes;  // the picture file
  std::size_t size;
  int width;  // what the header of the file says
  int height;
  unsigned char* pixels;   // out: [height, width, 3], red green blue
  char* error;             // out: why not, as text that ends with 0
  std::size_t error_size;  // bytes that fit there
};

// Returns 0 and fills `pixels`, or returns 1 and fills `error`. Throws and prints nothing.
using LrcnDecodeFunction = int (*)(const LrcnDecodeRequest*);
int lrcn_opencv_decode(const LrcnDecodeRequest* request);
}

namespace lrcn {

// Where the module is: in `folder`, or, when that is empty, in the first of the usual places that
// has it. NotFoundError: nowhere; the message lists the places.
std::filesystem::path find_codec_module(const std::filesystem::path& folder = {});

// Decodes into an image whose sides and memory are those of the header.
// DataError: the codec refuses. NotFoundError: there is no module, or it cannot be opened.
void decode_with_codecs(std::span<const std::byte> bytes, std::string_view name,
                        const std::filesystem::path& folder, Image& image);

}  // namespace lrcn
