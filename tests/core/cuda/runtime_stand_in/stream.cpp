// Streams.
#include "tests/core/cuda/runtime_stand_in/state.h"

namespace lrcn::test::stand_in {

Stream* find_stream(cudaStream_t handle) {
  State& s = state();
  if (handle == cudaStreamPerThread) {
    auto& own = s.own_streams[{std::this_thread::get_id(), current_device()}];
    if (own == nullptr) {
      own = std::make_unique<Stream>();
      own->device = current_device();
    }
    return own.get();
  }
  const auto found = s.streams.find(handle);
  if (found == s.streams.end() || !found->second->alive) {
    // The stream of the runtime waits for all others and cannot be used beside a recording.
    s.misuses.push_back(handle == nullptr ? "the legacy stream was used"
                                          : "a stream was used that is not there");
    return nullptr;
  }
  return found->second.get();
}

cudaError_t give(Stream& stream, Work work) {
  if (Capture* capture = stream.capture.get()) {
    if (!capture->valid) {
      return cudaErrorStreamCaptureInvalidated;
    }
    const std::size_t number = capture->graph.nodes.size();
    capture->graph.nodes.push_back(std::move(work));
    capture->before.push_back(stream.behind);
    stream.behind.insert(number);
    return cudaSuccess;
  }
  stream.waiting.push_back(std::move(work));
  return cudaSuccess;
}

void advance(Stream& stream, std::uint64_t position) {
  State& s = state();
  while (stream.done < position && !stream.waiting.empty() && s.lasting == cudaSuccess) {
    const Work work = std::move(stream.waiting.front());
    stream.waiting.pop_front();
    ++stream.done;
    work();
    s.milliseconds += 1.0;
  }
}

void advance_device(int device) {
  State& s = state();
  for (const auto& [handle, stream] : s.streams) {
    if (stream->device == device) {
      advance(*stream, stream->given());
    }
  }
  for (const auto& [owner, stream] : s.own_streams) {
    if (stream->device == device) {
      advance(*stream, stream->given());
    }
  }
}

cudaError_t invalidate(Capture& capture, cudaError_t error) {
  capture.valid = false;
  return error;
}

}  // namespace lrcn::test::stand_in

using namespace lrcn::test::stand_in;

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* handle, unsigned flags) {
  return call("cudaStreamCreateWithFlags", [&] {
    if (flags != cudaStreamNonBlocking) {
      return misuse(cudaErrorInvalidValue, "a stream waits for the legacy stream");
    }
    auto stream = std::make_unique<Stream>();
    stream->device = current_device();
    *handle = reinterpret_cast<cudaStream_t>(stream.get());
    state().streams[*handle] = std::move(stream);
    return cudaSuccess;
  });
}

cudaError_t cudaStreamDestroy(cudaStream_t handle) {
  return call("cudaStreamDestroy", [&] {
    Stream* stream = find_stream(handle);
    if (stream == nullptr) {
      return cudaErrorInvalidResourceHandle;
    }
    stream->alive = false;  // its work goes on
    return stream->capture == nullptr
               ? cudaSuccess
               : misuse(invalidate(*stream->capture, cudaErrorStreamCaptureUnsupported),
                        "a stream was destroyed while it recorded");
  });
}

cudaError_t cudaStreamSynchronize(cudaStream_t handle) {
  return call("cudaStreamSynchronize", [&] {
    Stream* stream = find_stream(handle);
    if (stream == nullptr) {
      return cudaErrorInvalidResourceHandle;
    }
    if (stream->capture != nullptr) {
      return invalidate(*stream->capture, cudaErrorStreamCaptureUnsupported);
    }
    advance(*stream, stream->given());
    return cudaSuccess;
  });
}

cudaError_t cudaStreamIsCapturing(cudaStream_t handle, cudaStreamCaptureStatus* status) {
  return call("cudaStreamIsCapturing", [&] {
    const Stream* stream = find_stream(handle);
    if (stream == nullptr) {
      return cudaErrorInvalidResourceHandle;
    }
    *status = stream->capture == nullptr ? cudaStreamCaptureStatusNone
              : stream->capture->valid   ? cudaStreamCaptureStatusActive
                                         : cudaStreamCaptureStatusInvalidated;
    return cudaSuccess;
  });
}
