// How the lanes of a warp share the banks of shared memory where each of them has 16 bytes:
// ldmatrix and the targets of asynchronous copies.
//
// Shared memory gives or takes a line of 128 bytes at a time, 16 of them from the same four banks
// as in every other line. Eight lanes go together, and take as many turns as there are different
// addresses at the same place of their lines.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <tuple>

#include "kernels/cuda/emulator/site.h"

namespace lrcn::cuda::emulator {

class BankTraffic {
 public:
  struct Turns {
    std::uint64_t taken = 0;
    std::uint64_t needed = 0;  // without conflicts
  };

  // Lanes of a warp that give the same copy of the same group give it together.
  struct Copy {
    std::tuple<unsigned, unsigned, unsigned> block;
    unsigned warp = 0;
    std::uint64_t group = 0;
    std::uint64_t number = 0;  // in the group

    auto operator<=>(const Copy&) const = default;
  };

  // Up to eight lanes; nullptr: has none.
  void add(const Site& site, std::span<const void* const> addresses);
  // Counted by settle(), when all lanes have given theirs.
  void add(const Site& site, const Copy& copy, unsigned lane, const void* target);
  void settle();

  // By the place in the kernel.
  const std::map<std::string, Turns>& places() const { return places_; }

 private:
  static constexpr unsigned kTogether = 8;

  struct Targets {
    Site site;
    std::array<const void*, 32> of_lanes = {};
  };

  std::map<std::string, Turns> places_;
  std::map<Copy, Targets> copies_;
};

}  // namespace lrcn::cuda::emulator
