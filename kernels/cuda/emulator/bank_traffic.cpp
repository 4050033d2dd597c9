#include "kernels/cuda/emulator/bank_traffic.h"

#include <algorithm>
#include <vector>

namespace lrcn::cuda::emulator {

void BankTraffic::add(const Site& site, std::span<const void* const> addresses) {
  constexpr std::uintptr_t kBytes = 16;
  std::array<std::vector<const void*>, kTogether> banks;
  for (const void* address : addresses) {
    auto& here = banks[reinterpret_cast<std::uintptr_t>(address) / kBytes % kTogether];
    if (address != nullptr && std::ranges::find(here, address) == here.end()) {
      here.push_back(address);
    }
  }
  const auto turns =
      std::ranges::max(banks, {}, [](const auto& here) { return here.size(); }).size();
  if (turns > 0) {
    Turns& place = places_[site.text()];
    place.taken += turns;
    ++place.needed;
  }
}

void BankTraffic::add(const Site& site, const Copy& copy, unsigned lane, const void* target) {
  Targets& targets = copies_[copy];
  targets.site = site;
  targets.of_lanes[lane] = target;
}

void BankTraffic::settle() {
  for (const auto& [copy, targets] : copies_) {
    for (unsigned first = 0; first < targets.of_lanes.size(); first += kTogether) {
      add(targets.site, std::span(targets.of_lanes).subspan(first, kTogether));
    }
  }
  copies_.clear();
}

}  // namespace lrcn::cuda::emulator
