// The numbers of the two words that every vocabulary begins with.
#pragma once

#include <cstdint>

namespace lrcn {

inline constexpr std::int32_t kEndOfSentence = 0;  // also starts a sentence
inline constexpr std::int32_t kUnknownWord = 1;

}  // namespace lrcn
