#include "kernels/cuda/emulator/async_copy.h"

#include "core/error.h"
#include "kernels/cuda/emulator/bank_traffic.h"
#include "kernels/cuda/emulator/grid.h"

namespace lrcn::cuda::emulator {
namespace {

Site site_of(std::source_location place) { return {"copy_async", place}; }

}  // namespace

int check_copy(const AsyncCopy& copy, std::source_location place) {
  const Grid& grid = Grid::current();
  grid.check_shared(copy.shared, std::size_t(copy.bytes), site_of(place));
  const bool aligned = reinterpret_cast<std::uintptr_t>(copy.global) % std::size_t(copy.bytes) == 0;
  if (!aligned || copy.present < 0 || copy.present > copy.bytes) {
    fail<DeviceError>("emulated kernel: ", grid.name_of_running(), ": source ", copy.global,
                      " with ", copy.present, " of ", copy.bytes,
                      " bytes must be a multiple of them: ", site_of(place).text());
  }
  return grid.poison();
}

void add_copy(const AsyncCopy& copy, const CopiedBytes& value, std::source_location place) {
  Grid& grid = Grid::current();
  CopyQueue& copies = grid.copies();
  if (BankTraffic* traffic = grid.bank_traffic(); traffic != nullptr && copy.bytes == 16) {
    traffic->add(site_of(place),
                 {.block = {blockIdx.x, blockIdx.y, blockIdx.z},
                  .warp = grid.warp(),
                  .group = copies.open_group(),
                  .number = copies.in_open_group()},
                 grid.lane(), copy.shared);
  }
  copies.add(copy, value, grid.poison(), site_of(place));
}

void commit_copies() { Grid::current().copies().commit(); }

void wait_for_copies(int pending) {
  Grid& grid = Grid::current();
  const std::string problem = grid.copies().wait(std::uint64_t(pending));
  if (!problem.empty()) {
    fail<DeviceError>("emulated kernel: ", grid.name_of_running(), ": ", problem);
  }
}

}  // namespace lrcn::cuda::emulator
