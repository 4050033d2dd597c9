#include "tools/cli/doctor_libraries.h"

#include <openssl/crypto.h>
#include <png.h>

#include <cstdio>
// libjpeg's header needs FILE.
#include <jpeglib.h>

#include <opencv2/core/version.hpp>

#include "core/error.h"
#include "kernels/nvidia_libraries.h"
#include "kernels/onednn_version.h"
#include "tools/data/image_codecs.h"

namespace lrcn {
namespace {

std::string jpeg_version() {
#ifdef LIBJPEG_TURBO_VERSION_NUMBER
  constexpr int kVersion = LIBJPEG_TURBO_VERSION_NUMBER;  // 2001005: 2.1.5
  return concat("libjpeg-turbo ", kVersion / 1'000'000, '.', kVersion / 1000 % 1000, '.',
                kVersion % 1000);
#else
  return concat(JPEG_LIB_VERSION / 10, '.', JPEG_LIB_VERSION % 10);
#endif
}

LibraryFacts codecs() {
  LibraryFacts facts{.name = "OpenCV codecs", .version = "", .problem = "", .remedy = ""};
  try {
    facts.version = concat(CV_VERSION, ", ", find_codec_module().string());
  } catch (const NotFoundError& error) {
    facts.problem = error.what();
    facts.remedy =
        "apt-get install libopencv-core-dev libopencv-imgproc-dev libopencv-imgcodecs-dev, then "
        "build and install again; JPEG and PNG pictures do not need it";
  }
  return facts;
}

LibraryFacts onednn() {
  LibraryFacts facts{.name = "oneDNN", .version = onednn_version(), .problem = "", .remedy = ""};
  if (facts.version.empty()) {
    facts.problem = "this build has no oneDNN: convolutions and products on the CPU are slow";
    facts.remedy = "apt-get install libdnnl-dev, then configure and build again";
  }
  return facts;
}

// They belong to builds for a real device.
void add_nvidia_libraries(std::vector<LibraryFacts>& facts) {
#if LRCN_HAS_CUDA && !LRCN_CUDA_EMULATED
  for (const NvidiaLibrary& library : {cudnn_library(), cublaslt_library()}) {
    facts.push_back(
        {library.name, library.version, library.problem,
         "install " + library.name + " for CUDA 13; lrcn's own kernels do its work meanwhile"});
  }
#else
  static_cast<void>(facts);
#endif
}

}  // namespace

std::vector<LibraryFacts> library_facts() {
  std::vector<LibraryFacts> facts = {onednn(),
                                     {"libjpeg", jpeg_version(), "", ""},
                                     {"libpng", png_get_libpng_ver(nullptr), "", ""},
                                     {"libcrypto", OpenSSL_version(OPENSSL_VERSION_STRING), "", ""},
                                     codecs()};
  add_nvidia_libraries(facts);
  return facts;
}

}  // namespace lrcn
