// PNG through libpng, with checksums and the order of chunks enforced.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "tools/data/image.h"

namespace lrcn {

// Decodes every colour type, bit depth and interlacing. Grey becomes three equal channels, a
// palette is resolved, alpha and transparent colours are dropped (as if they were opaque), and of
// 16 bits the high byte is kept. The orientation of an eXIf chunk is applied; gamma, colour
// profiles and texts are skipped, though their checksums count. DataError: damaged, cut off (up to
// the end chunk), too large; the message holds what libpng said.
Image decode_png(std::span<const std::byte> bytes, std::string_view name,
                 const DecodeOptions& options);

}  // namespace lrcn
