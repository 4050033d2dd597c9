#include "core/cuda/memory.h"

#include <cstring>
#include <memory>

#include "core/cuda/device_scope.h"

namespace lrcn::cuda {
namespace {

constexpr std::size_t kMiB = std::size_t(1) << 20;

// The calling thread's own stream, so that the copies of two threads do not wait for each other.
cudaStream_t own_stream() { return cudaStreamPerThread; }

// A copy that has ended when it returns. Contexts have streams that wait for no other stream, so
// both ends of the copy are waited for.
void copy(Device device, void* target, const void* source, std::size_t bytes, cudaMemcpyKind kind) {
  const char* operation = kind == cudaMemcpyHostToDevice ? "upload" : "download";
  const DeviceScope scope(device);
  cuda_check(cudaDeviceSynchronize(), operation, ": work given to ", device, " before");
  cuda_check(cudaMemcpyAsync(target, source, bytes, kind, own_stream()), operation, " of ", bytes,
             " bytes, ", device);
  cuda_check(cudaStreamSynchronize(own_stream()), operation, " of ", bytes, " bytes, ", device);
}

}  // namespace

std::byte* allocate(Device device, std::size_t bytes) {
  const DeviceScope scope(device);
  void* memory = nullptr;
  const cudaError_t result = cudaMalloc(&memory, bytes);
  if (result == cudaErrorMemoryAllocation) {
    std::size_t left = 0;
    std::size_t total = 0;
    cudaGetLastError();
    cuda_check(cudaMemGetInfo(&left, &total), "memory of ", device);
    fail<MemoryError>("memory of ", device, ": ", bytes, " bytes (", bytes / kMiB,
                      " MiB) could not be had: ", left / kMiB, " of ", total / kMiB,
                      " MiB are free");
  }
  cuda_check(result, "memory of ", device, ": ", bytes, " bytes");
  const auto give_back = [](std::byte* unused) { release(unused, 0); };
  std::unique_ptr<std::byte, decltype(give_back)> owned(static_cast<std::byte*>(memory));
  cuda_check(cudaMemsetAsync(memory, 0, bytes, own_stream()), "memory of ", device);
  cuda_check(cudaStreamSynchronize(own_stream()), "memory of ", device);
  return owned.release();
}

void release(std::byte* memory, std::size_t) noexcept {
  if (cudaFree(memory) != cudaSuccess) {
    cudaGetLastError();  // who gives memory back cannot do anything about it
  }
}

std::byte* allocate_pinned(std::size_t bytes) {
  int count = 0;
  if (cudaGetDeviceCount(&count) != cudaSuccess || count == 0) {
    cudaGetLastError();
    return nullptr;
  }
  void* memory = nullptr;
  cuda_check(cudaHostAlloc(&memory, bytes, cudaHostAllocPortable), "page-locked memory: ", bytes,
             " bytes (", bytes / kMiB, " MiB)");
  std::memset(memory, 0, bytes);
  return static_cast<std::byte*>(memory);
}

void release_pinned(std::byte* memory, std::size_t) noexcept {
  if (cudaFreeHost(memory) != cudaSuccess) {
    cudaGetLastError();
  }
}

void copy_to_device(Device device, void* target, const void* host, std::size_t bytes) {
  copy(device, target, host, bytes, cudaMemcpyHostToDevice);
}

void copy_to_host(Device device, void* host, const void* source, std::size_t bytes) {
  copy(device, host, source, bytes, cudaMemcpyDeviceToHost);
}

}  // namespace lrcn::cuda
