#include "tests/core/cuda/runtime_stand_in/state.h"

#include "core/cuda/check.h"

namespace lrcn::test::stand_in {
namespace {

thread_local cudaError_t last_error = cudaSuccess;

cudaError_t problem_of(State& s, const std::string& function) {
  if (const auto found = s.failures.find(function); found != s.failures.end()) {
    if (found->second.passing-- == 0) {
      const cudaError_t error = found->second.error;
      s.failures.erase(found);
      s.lasting = cuda::is_sticky(error) ? error : s.lasting;
      return error;
    }
  }
  if (s.machine.driver < CUDART_VERSION) {
    return cudaErrorInsufficientDriver;
  }
  return s.machine.devices == 0 ? cudaErrorNoDevice : s.lasting;
}

}  // namespace

State& state() {
  static State state;
  return state;
}

int& current_device() {
  thread_local int device = 0;
  return device;
}

cudaError_t call(const char* function, const std::function<cudaError_t()>& body) {
  State& s = state();
  const std::lock_guard lock(s.mutex);
  ++s.calls[function];
  cudaError_t error = problem_of(s, function);
  if (error == cudaSuccess) {
    error = body();
  }
  if (error == cudaSuccess) {
    error = s.lasting;  // work that was done meanwhile went wrong
  }
  if (error != cudaSuccess) {
    last_error = error;
  }
  return error;
}

cudaError_t unsafe_call(const char* function, const std::function<cudaError_t()>& body) {
  return call(function, [&] {
    cudaError_t error = cudaSuccess;
    for (const auto& [handle, stream] : state().streams) {
      Capture* capture = stream->capture.get();
      if (capture != nullptr && (capture->mode == cudaStreamCaptureModeGlobal ||
                                 (capture->mode == cudaStreamCaptureModeThreadLocal &&
                                  capture->thread == std::this_thread::get_id()))) {
        error = invalidate(*capture, cudaErrorStreamCaptureUnsupported);
      }
    }
    return error == cudaSuccess ? body() : error;
  });
}

cudaError_t misuse(cudaError_t error, const std::string& what) {
  state().misuses.push_back(what);
  return error;
}

void reset(const Machine& machine) {
  State& s = state();
  const std::lock_guard lock(s.mutex);
  for (const auto& [address, block] : s.memory) {
    ::operator delete(address, std::align_val_t(256));
  }
  s.machine = machine;
  s.calls.clear();
  s.failures.clear();
  s.lasting = cudaSuccess;
  s.misuses.clear();
  s.milliseconds = 0.0;
  s.memory.clear();
  s.streams.clear();
  s.events.clear();
  s.graphs.clear();
  s.executables.clear();
  s.own_streams.clear();
  s.kernels.clear();
  last_error = cudaSuccess;
  current_device() = 0;
}

void fail(const std::string& function, cudaError_t error, int passing) {
  state().failures[function] = {error, passing};
}

int calls(const std::string& function) { return state().calls[function]; }

std::size_t bytes_held() {
  std::size_t bytes = 0;
  for (const auto& [address, block] : state().memory) {
    bytes += block.bytes;
  }
  return bytes;
}

std::vector<std::string> complaints() {
  State& s = state();
  std::vector<std::string> found = s.misuses;
  for (const auto& [address, block] : s.memory) {
    found.push_back(concat(block.bytes, " bytes of ", block.pinned ? "page-locked" : "device",
                           " memory were not given back"));
  }
  for (const auto& [handle, stream] : s.streams) {
    if (stream->alive) {
      found.push_back("a stream was not destroyed");
    }
  }
  for (const auto& [handle, event] : s.events) {
    if (event->alive) {
      found.push_back("an event was not destroyed");
    }
  }
  if (!s.graphs.empty() || !s.executables.empty()) {
    found.push_back(concat(s.graphs.size(), " graphs and ", s.executables.size(),
                           " executable ones were not destroyed"));
  }
  for (const auto& [function, failure] : s.failures) {
    found.push_back(function + " was never called to fail");
  }
  return found;
}

}  // namespace lrcn::test::stand_in

using namespace lrcn::test::stand_in;

cudaError_t cudaGetLastError() {
  const State& s = state();
  const cudaError_t error = s.lasting != cudaSuccess ? s.lasting : last_error;
  last_error = cudaSuccess;
  return error;
}

const char* cudaGetErrorName(cudaError_t error) {
  switch (error) {
    case cudaErrorMemoryAllocation:
      return "cudaErrorMemoryAllocation";
    case cudaErrorIllegalAddress:
      return "cudaErrorIllegalAddress";
    case cudaErrorStreamCaptureUnsupported:
      return "cudaErrorStreamCaptureUnsupported";
    default:
      return "another error";
  }
}

const char* cudaGetErrorString(cudaError_t error) {
  return error == cudaErrorIllegalAddress ? "an illegal memory access was encountered"
                                          : "what the runtime says of it";
}
