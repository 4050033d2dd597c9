// Copies between host memory and tensors on any device.
#pragma once

#include "core/context.h"
#include "core/tensor.h"

namespace lrcn {

// Copies target.bytes() bytes from `host`. Blocking: returns when the data have arrived.
void upload(const Tensor& target, const void* host);
// Copies source.bytes() bytes to `host`. Blocking: waits for the work of the device first.
void download(void* host, const Tensor& source);

// Sets every byte; 0xff makes floats NaN and 0 makes them zero. In the order of the context's
// stream.
void set_bytes(Context& context, const Tensor& target, std::uint8_t value);

}  // namespace lrcn
