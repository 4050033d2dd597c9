// Events.
#include "tests/core/cuda/runtime_stand_in/state.h"

namespace lrcn::test::stand_in {
namespace {

Event* find_event(cudaEvent_t handle) {
  State& s = state();
  const auto found = s.events.find(handle);
  if (found == s.events.end() || !found->second->alive) {
    s.misuses.emplace_back("an event was used that is not there");
    return nullptr;
  }
  return found->second.get();
}

// The stream goes on behind an event that was recorded while work was.
cudaError_t join(Stream& stream, const Mark& mark) {
  Capture& capture = *mark.capture;
  if (capture.ended) {
    return cudaErrorCapturedEvent;
  }
  if (stream.capture != nullptr && stream.capture != mark.capture) {
    invalidate(*stream.capture, cudaSuccess);
    return invalidate(capture, cudaErrorStreamCaptureMerge);
  }
  stream.capture = mark.capture;
  stream.behind.insert(mark.behind.begin(), mark.behind.end());
  return capture.valid ? cudaSuccess : cudaErrorStreamCaptureInvalidated;
}

}  // namespace
}  // namespace lrcn::test::stand_in

using namespace lrcn::test::stand_in;

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* handle, unsigned flags) {
  return call("cudaEventCreateWithFlags", [&] {
    auto event = std::make_unique<Event>();
    event->device = current_device();
    event->timing = (flags & cudaEventDisableTiming) == 0;
    *handle = reinterpret_cast<cudaEvent_t>(event.get());
    state().events[*handle] = std::move(event);
    return cudaSuccess;
  });
}

cudaError_t cudaEventDestroy(cudaEvent_t handle) {
  return call("cudaEventDestroy", [&] {
    Event* event = find_event(handle);
    if (event == nullptr) {
      return cudaErrorInvalidResourceHandle;
    }
    event->alive = false;
    return cudaSuccess;
  });
}

cudaError_t cudaEventRecord(cudaEvent_t handle, cudaStream_t stream_handle) {
  return call("cudaEventRecord", [&] {
    Event* event = find_event(handle);
    Stream* stream = find_stream(stream_handle);
    if (event == nullptr || stream == nullptr) {
      return cudaErrorInvalidResourceHandle;
    }
    if (event->device != stream->device) {
      return misuse(cudaErrorInvalidResourceHandle, "an event was recorded on another device");
    }
    event->mark = std::make_shared<Mark>();
    if (stream->capture != nullptr) {
      event->mark->capture = stream->capture;
      event->mark->behind = stream->behind;
      return stream->capture->valid ? cudaSuccess : cudaErrorStreamCaptureInvalidated;
    }
    event->mark->stream = stream;
    const cudaError_t error =
        give(*stream, [mark = event->mark] { mark->milliseconds = state().milliseconds; });
    event->mark->position = stream->given();
    return error;
  });
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream_handle, cudaEvent_t handle, unsigned) {
  return call("cudaStreamWaitEvent", [&] {
    const Event* event = find_event(handle);
    Stream* stream = find_stream(stream_handle);
    if (event == nullptr || stream == nullptr) {
      return cudaErrorInvalidResourceHandle;
    }
    if (event->mark == nullptr) {
      return cudaSuccess;
    }
    if (event->mark->capture != nullptr) {
      return join(*stream, *event->mark);
    }
    if (stream->capture != nullptr) {  // what is recorded cannot wait for what is not
      return invalidate(*stream->capture, cudaErrorStreamCaptureIsolation);
    }
    return give(*stream, [mark = event->mark] { advance(*mark->stream, mark->position); });
  });
}

cudaError_t cudaEventSynchronize(cudaEvent_t handle) {
  return call("cudaEventSynchronize", [&] {
    const Event* event = find_event(handle);
    if (event == nullptr) {
      return cudaErrorInvalidResourceHandle;
    }
    if (event->mark == nullptr) {
      return cudaSuccess;
    }
    if (event->mark->capture != nullptr) {
      return invalidate(*event->mark->capture, cudaErrorCapturedEvent);
    }
    advance(*event->mark->stream, event->mark->position);
    return cudaSuccess;
  });
}

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t begin, cudaEvent_t end) {
  return call("cudaEventElapsedTime", [&] {
    const Event* first = find_event(begin);
    const Event* second = find_event(end);
    if (first == nullptr || second == nullptr) {
      return cudaErrorInvalidResourceHandle;
    }
    for (const Event* event : {first, second}) {
      if (event->mark == nullptr || !event->timing) {
        return cudaErrorInvalidResourceHandle;
      }
      if (event->mark->capture != nullptr) {
        return cudaErrorCapturedEvent;
      }
      if (event->mark->stream->done < event->mark->position) {
        return cudaErrorNotReady;
      }
    }
    *milliseconds = float(second->mark->milliseconds - first->mark->milliseconds);
    return cudaSuccess;
  });
}
