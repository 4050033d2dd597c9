// Memory of a device, and copies from and to it. In builds with emulated CUDA it is host memory.
//
// Sizes are in bytes and not zero. All throw DeviceError when the device fails.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/device.h"

namespace lrcn::cuda {

// Zero-filled, aligned to 256 bytes. Throws MemoryError with the size asked for.
std::byte* allocate(Device device, std::size_t bytes);
void release(std::byte* memory, std::size_t bytes) noexcept;

// Zero-filled page-locked host memory; nullptr where there is no device that could use it. Throws
// MemoryError with the size asked for.
std::byte* allocate_pinned(std::size_t bytes);
void release_pinned(std::byte* memory, std::size_t bytes) noexcept;

// Blocking: they wait for all work given to the device before, and return when the bytes are there.
void copy_to_device(Device device, void* target, const void* host, std::size_t bytes);
void copy_to_host(Device device, void* host, const void* source, std::size_t bytes);

}  // namespace lrcn::cuda
