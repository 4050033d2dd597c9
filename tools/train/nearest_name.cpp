#include "tools/train/nearest_name.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace lrcn {
namespace {

constexpr std::size_t kMaxLength = 256;  // time grows with the product of two lengths

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // row[j]: distance between the part of `a` seen so far and the first j bytes of `b`.
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (const char letter : a) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (letter == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

std::string nearest_name(std::string_view name, std::span<const std::string> names) {
  std::string_view nearest;
  std::size_t least = name.size() / 2 + 1;
  if (name.size() > kMaxLength) {
    return {};
  }
  for (const std::string& candidate : names) {
    const std::size_t low = std::min(candidate.size(), name.size());
    const std::size_t high = std::max(candidate.size(), name.size());
    if (high - low >= least || high > kMaxLength) {
      continue;  // the distance is at least the difference of the lengths
    }
    if (const std::size_t distance = edit_distance(name, candidate); distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return std::string(nearest);
}

}  // namespace lrcn
