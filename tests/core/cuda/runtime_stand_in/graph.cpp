// Recorded work.
#include <algorithm>

#include "tests/core/cuda/runtime_stand_in/state.h"

namespace lrcn::test::stand_in {
namespace {

// Whether all that was recorded comes in front of what the stream would do next.
bool joined(const Capture& capture, const Stream& origin) {
  std::set<std::size_t> in_front = origin.behind;
  for (const std::size_t node : origin.behind) {
    in_front.insert(capture.before[node].begin(), capture.before[node].end());
  }
  return in_front.size() == capture.graph.nodes.size();
}

cudaError_t end(Stream& origin, cudaGraph_t* handle) {
  const std::shared_ptr<Capture> capture = origin.capture;
  const bool whole = joined(*capture, origin);
  for (const auto& [other, stream] : state().streams) {
    if (stream->capture == capture) {
      stream->capture = nullptr;
      stream->is_origin = false;
      stream->behind.clear();
    }
  }
  capture->ended = true;
  if (!capture->valid) {
    return cudaErrorStreamCaptureInvalidated;
  }
  if (!whole) {
    return cudaErrorStreamCaptureUnjoined;
  }
  auto graph = std::make_shared<Graph>(capture->graph);
  *handle = reinterpret_cast<cudaGraph_t>(graph.get());
  state().graphs[*handle] = std::move(graph);
  return cudaSuccess;
}

}  // namespace
}  // namespace lrcn::test::stand_in

using namespace lrcn::test::stand_in;

cudaError_t cudaStreamBeginCapture(cudaStream_t handle, cudaStreamCaptureMode mode) {
  return call("cudaStreamBeginCapture", [&] {
    Stream* stream = find_stream(handle);
    if (stream == nullptr) {
      return cudaErrorInvalidResourceHandle;
    }
    if (stream->capture != nullptr) {
      return cudaErrorIllegalState;
    }
    stream->capture = std::make_shared<Capture>();
    stream->capture->mode = mode;
    stream->capture->thread = std::this_thread::get_id();
    stream->is_origin = true;
    return cudaSuccess;
  });
}

cudaError_t cudaStreamEndCapture(cudaStream_t handle, cudaGraph_t* graph) {
  *graph = nullptr;
  return call("cudaStreamEndCapture", [&] {
    Stream* stream = find_stream(handle);
    if (stream == nullptr) {
      return cudaErrorInvalidResourceHandle;
    }
    if (stream->capture == nullptr) {
      return misuse(cudaErrorIllegalState, "the end of a recording that there is not");
    }
    if (stream->capture->mode != cudaStreamCaptureModeRelaxed &&
        stream->capture->thread != std::this_thread::get_id()) {
      return invalidate(*stream->capture, cudaErrorStreamCaptureWrongThread);
    }
    if (!stream->is_origin) {
      return invalidate(*stream->capture, cudaErrorStreamCaptureUnmatched);
    }
    return end(*stream, graph);
  });
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  return call("cudaGraphDestroy", [&] {
    return state().graphs.erase(graph) == 1
               ? cudaSuccess
               : misuse(cudaErrorInvalidValue, "a graph was destroyed that is not there");
  });
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph,
                                 unsigned long long) {
  *executable = nullptr;
  return call("cudaGraphInstantiate", [&] {
    const auto found = state().graphs.find(graph);
    if (found == state().graphs.end()) {
      return misuse(cudaErrorInvalidValue, "a graph was used that is not there");
    }
    auto copy = std::make_shared<Graph>(*found->second);
    *executable = reinterpret_cast<cudaGraphExec_t>(copy.get());
    state().executables[*executable] = std::move(copy);
    return cudaSuccess;
  });
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  return call("cudaGraphExecDestroy", [&] {
    return state().executables.erase(executable) == 1
               ? cudaSuccess
               : misuse(cudaErrorInvalidValue, "a graph was destroyed that is not there");
  });
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t handle) {
  return call("cudaGraphLaunch", [&] {
    const auto found = state().executables.find(executable);
    Stream* stream = find_stream(handle);
    if (found == state().executables.end() || stream == nullptr) {
      return misuse(cudaErrorInvalidValue, "a graph was launched that is not there");
    }
    return give(*stream, [graph = found->second] {  // a graph under way outlives its destruction
      for (const Work& node : graph->nodes) {
        node();
      }
    });
  });
}
