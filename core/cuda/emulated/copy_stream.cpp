#include "core/cuda/copy_stream.h"

#include "core/cuda/emulated/stream.h"
#include "core/cuda/stream.h"

namespace lrcn::cuda {

CopyStream::CopyStream(Context& context)
    : device_(context.device()), stream_(create_stream(context.device())) {}

CopyStream::~CopyStream() { destroy_stream(stream_); }

void CopyStream::enqueue_upload(void* target, const void* pinned, std::size_t bytes) {
  emulated_stream(stream_).copies->add(target, pinned, bytes);
}

}  // namespace lrcn::cuda
