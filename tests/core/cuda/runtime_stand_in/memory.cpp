// Memory and copies.
#include <cstring>
#include <new>

#include "core/error.h"
#include "tests/core/cuda/runtime_stand_in/state.h"

namespace lrcn::test::stand_in {
namespace {

constexpr std::align_val_t kAlignment{256};
constexpr int kNoise = 0xa5;  // what new memory holds

cudaError_t allocate(void** memory, std::size_t bytes, bool pinned) {
  State& s = state();
  *memory = nullptr;
  std::size_t held = 0;
  for (const auto& [address, block] : s.memory) {
    held += !block.pinned && block.device == current_device() ? block.bytes : 0;
  }
  if (!pinned && (bytes > s.machine.memory || held > s.machine.memory - bytes)) {
    return cudaErrorMemoryAllocation;
  }
  auto* address = static_cast<std::byte*>(::operator new(bytes, kAlignment));
  std::memset(address, kNoise, bytes);
  s.memory[address] = {bytes, pinned, current_device()};
  *memory = address;
  return cudaSuccess;
}

cudaError_t release(void* memory, bool pinned) {
  State& s = state();
  if (memory == nullptr) {
    return cudaSuccess;
  }
  const auto found = s.memory.find(static_cast<std::byte*>(memory));
  if (found == s.memory.end() || found->second.pinned != pinned) {
    return misuse(cudaErrorInvalidValue, "memory was given back that is not there");
  }
  advance_device(found->second.device);
  ::operator delete(memory, kAlignment);
  s.memory.erase(found);
  return cudaSuccess;
}

bool is_device(const void* memory, std::size_t bytes) {
  const Block* block = block_of(memory, bytes);
  return block != nullptr && !block->pinned;
}

// Of the device of the stream itself, as all memory is that one context works on.
bool is_own(const Stream& stream, const void* memory, std::size_t bytes) {
  return is_device(memory, bytes) && block_of(memory, bytes)->device == stream.device;
}

// Work on memory that may be gone when it is done.
Work on_memory(std::vector<std::pair<const void*, std::size_t>> ranges, Work work) {
  return [ranges = std::move(ranges), work = std::move(work)] {
    for (const auto& [memory, bytes] : ranges) {
      if (block_of(memory, bytes) == nullptr) {
        state().lasting = cudaErrorIllegalAddress;
        return;
      }
    }
    work();
  };
}

}  // namespace

const Block* block_of(const void* memory, std::size_t bytes) {
  const State& s = state();
  const auto* begin = static_cast<const std::byte*>(memory);
  for (const auto& [address, block] : s.memory) {
    if (address <= begin && begin + bytes <= address + block.bytes) {
      return &block;
    }
  }
  return nullptr;
}

}  // namespace lrcn::test::stand_in

using namespace lrcn::test::stand_in;

cudaError_t cudaMalloc(void** memory, std::size_t bytes) {
  return unsafe_call("cudaMalloc", [&] { return allocate(memory, bytes, false); });
}

cudaError_t cudaFree(void* memory) {
  return unsafe_call("cudaFree", [&] { return release(memory, false); });
}

cudaError_t cudaHostAlloc(void** memory, std::size_t bytes, unsigned) {
  return unsafe_call("cudaHostAlloc", [&] { return allocate(memory, bytes, true); });
}

cudaError_t cudaFreeHost(void* memory) {
  return unsafe_call("cudaFreeHost", [&] { return release(memory, true); });
}

cudaError_t cudaMemGetInfo(std::size_t* left, std::size_t* total) {
  return call("cudaMemGetInfo", [&] {
    *total = *left = state().machine.memory;
    for (const auto& [address, block] : state().memory) {
      *left -= !block.pinned && block.device == current_device() ? block.bytes : 0;
    }
    return cudaSuccess;
  });
}

cudaError_t cudaMemsetAsync(void* memory, int value, std::size_t bytes, cudaStream_t handle) {
  return call("cudaMemsetAsync", [&] {
    Stream* stream = find_stream(handle);
    if (stream == nullptr) {
      return cudaErrorInvalidResourceHandle;
    }
    if (!is_own(*stream, memory, bytes)) {
      return misuse(cudaErrorInvalidValue, "bytes were set that are not of the device");
    }
    return give(*stream, on_memory({{memory, bytes}}, [=] { std::memset(memory, value, bytes); }));
  });
}

cudaError_t cudaMemcpyAsync(void* target, const void* source, std::size_t bytes,
                            cudaMemcpyKind kind, cudaStream_t handle) {
  return call("cudaMemcpyAsync", [&] {
    Stream* stream = find_stream(handle);
    if (stream == nullptr) {
      return cudaErrorInvalidResourceHandle;
    }
    const bool up = kind == cudaMemcpyHostToDevice;
    const bool down = kind == cudaMemcpyDeviceToHost;
    if (is_own(*stream, target, bytes) == down || is_own(*stream, source, bytes) == up) {
      return misuse(cudaErrorInvalidValue, "a copy goes another way than it says");
    }
    // Pageable memory of the host. Recorded, such a copy would read or write it at every launch,
    // when it may be anything: no program of ours wants that.
    const bool pageable =
        (up && block_of(source, bytes) == nullptr) || (down && block_of(target, bytes) == nullptr);
    if (pageable && stream->capture != nullptr) {
      return misuse(invalidate(*stream->capture, cudaErrorStreamCaptureUnsupported),
                    "a copy of pageable memory was recorded");
    }
    // Where a device reaches all memory of the host, the runtime keeps no bytes of its own.
    std::vector<std::pair<const void*, std::size_t>> ranges;
    for (const void* memory : {static_cast<const void*>(target), source}) {
      if (!pageable || is_device(memory, bytes)) {
        ranges.emplace_back(memory, bytes);
      }
    }
    return give(*stream, on_memory(std::move(ranges), [=] { std::memcpy(target, source, bytes); }));
  });
}
