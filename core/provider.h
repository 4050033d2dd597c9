// Whose kernels a CUDA device runs where there is more than one.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string_view>

namespace lrcn {

// automatic: the fastest, as measured while planning (docs/design/providers.md). own: the kernels
// of this project. cudnn: NVIDIA's libraries, cuDNN for convolutions and for the LSTM sequences
// that it knows, cuBLASLt for matrix products; planning throws where they are absent or have no
// kernel for a convolution or product. The CPU backend does not look at it.
enum class Provider : std::uint8_t { automatic, own, cudnn };

// "auto", "own" or "cudnn". Throws ArgumentError naming the accepted forms.
Provider parse_provider(std::string_view text);
std::ostream& operator<<(std::ostream& out, Provider provider);

}  // namespace lrcn
