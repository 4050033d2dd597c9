// Work given to a device in order, and small things that happen in that order.
//
// A stream is a cudaStream_t as void*, so that no CUDA header is needed here. All but
// destroy_stream throw DeviceError when the device fails, possibly at work that was given to it
// earlier. Sizes are in bytes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/context.h"

namespace lrcn::cuda {

// Throws DeviceError, with the reason, when the device is not there.
void* create_stream(Device device);
void destroy_stream(void* stream) noexcept;

// Waits until everything given to the context has been done.
void synchronize(const Context& context);

// In the order of the context's stream. What comes from memory of the host or goes there cannot be
// recorded (core/cuda/recording.h).
void enqueue_set_bytes(const Context& context, void* target, std::uint8_t value, std::size_t bytes);
void enqueue_copy(const Context& context, void* target, const void* source, std::size_t bytes);
// From page-locked memory of the host, which must stay as it is until the stream has come so far.
// (From other memory too the copy may read it later: it depends on the machine.)
void enqueue_upload(const Context& context, void* target, const void* pinned, std::size_t bytes);
// To page-locked memory of the host, which has the bytes when the stream has come so far.
void enqueue_download(const Context& context, void* pinned, const void* source, std::size_t bytes);
// Waits for the bytes, and so for everything given to the context before.
void download_in_order(const Context& context, void* host, const void* source, std::size_t bytes);

}  // namespace lrcn::cuda
