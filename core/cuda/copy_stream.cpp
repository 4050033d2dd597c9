#include "core/cuda/copy_stream.h"

#include "core/cuda/device_scope.h"
#include "core/cuda/stream.h"

namespace lrcn::cuda {

CopyStream::CopyStream(Context& context)
    : device_(context.device()), stream_(create_stream(context.device())) {}

CopyStream::~CopyStream() { destroy_stream(stream_); }

void CopyStream::enqueue_upload(void* target, const void* pinned, std::size_t bytes) {
  const DeviceScope scope(device_);
  cuda_check(cudaMemcpyAsync(target, pinned, bytes, cudaMemcpyHostToDevice,
                             static_cast<cudaStream_t>(stream_)),
             "upload of ", bytes, " bytes, ", device_);
}

}  // namespace lrcn::cuda
