#include "core/cuda/stream.h"

#include "core/cuda/device_info.h"
#include "core/cuda/device_scope.h"

namespace lrcn::cuda {
namespace {

cudaStream_t stream_of(const Context& context) {
  return static_cast<cudaStream_t>(context.stream());
}

// A recording would reach for the host's memory whenever it is launched.
void refuse_while_recording(const Context& context, const char* what) {
  cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
  cuda_check(cudaStreamIsCapturing(stream_of(context), &status), what, ", ", context.device());
  check<DeviceError>(status == cudaStreamCaptureStatusNone, what,
                     ": not possible while work is being recorded");
}

}  // namespace

void* create_stream(Device device) {
  check_device(device);
  const DeviceScope scope(device);
  cudaStream_t stream = nullptr;
  cuda_check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "stream of ", device);
  return stream;
}

void destroy_stream(void* stream) noexcept {
  if (cudaStreamDestroy(static_cast<cudaStream_t>(stream)) != cudaSuccess) {
    cudaGetLastError();
  }
}

void synchronize(const Context& context) {
  cuda_check(cudaStreamSynchronize(stream_of(context)), "work given to ", context.device());
}

void enqueue_set_bytes(const Context& context, void* target, std::uint8_t value,
                       std::size_t bytes) {
  const DeviceScope scope(context.device());
  cuda_check(cudaMemsetAsync(target, value, bytes, stream_of(context)), "set_bytes of ", bytes,
             " bytes, ", context.device());
}

void enqueue_copy(const Context& context, void* target, const void* source, std::size_t bytes) {
  const DeviceScope scope(context.device());
  cuda_check(cudaMemcpyAsync(target, source, bytes, cudaMemcpyDeviceToDevice, stream_of(context)),
             "copy of ", bytes, " bytes, ", context.device());
}

void enqueue_upload(const Context& context, void* target, const void* pinned, std::size_t bytes) {
  const DeviceScope scope(context.device());
  refuse_while_recording(context, "upload");
  cuda_check(cudaMemcpyAsync(target, pinned, bytes, cudaMemcpyHostToDevice, stream_of(context)),
             "upload of ", bytes, " bytes, ", context.device());
}

void enqueue_download(const Context& context, void* pinned, const void* source, std::size_t bytes) {
  const DeviceScope scope(context.device());
  refuse_while_recording(context, "download");
  cuda_check(cudaMemcpyAsync(pinned, source, bytes, cudaMemcpyDeviceToHost, stream_of(context)),
             "download of ", bytes, " bytes, ", context.device());
}

void download_in_order(const Context& context, void* host, const void* source, std::size_t bytes) {
  enqueue_download(context, host, source, bytes);
  synchronize(context);
}

}  // namespace lrcn::cuda
