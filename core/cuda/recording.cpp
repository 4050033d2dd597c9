#include "core/cuda/recording.h"

#include "core/cuda/device_scope.h"

namespace lrcn::cuda {
namespace {

void destroy(void* graph) noexcept {
  if (cudaGraphExecDestroy(static_cast<cudaGraphExec_t>(graph)) != cudaSuccess) {
    cudaGetLastError();
  }
}

// Between the begin and the end of a capture; ends it whatever happens.
class Capture {
 public:
  explicit Capture(cudaStream_t stream) : stream_(stream) {
    cuda_check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal),
               "recording of work");
  }
  ~Capture() {
    if (!ended_) {  // something was thrown; the error that the capture has is its echo
      cudaGraph_t graph = nullptr;
      cudaStreamEndCapture(stream_, &graph);
      release(graph);
      cudaGetLastError();
    } else {
      release(graph_);
    }
  }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  cudaGraph_t end() {
    ended_ = true;
    cuda_check(cudaStreamEndCapture(stream_, &graph_), "recording of work");
    return graph_;
  }

 private:
  static void release(cudaGraph_t graph) {
    if (graph != nullptr) {
      cudaGraphDestroy(graph);
    }
  }

  cudaStream_t stream_;
  cudaGraph_t graph_ = nullptr;
  bool ended_ = false;
};

}  // namespace

Recording::Recording(const Context& context, const std::function<void()>& give)
    : graph_(nullptr, destroy) {
  const DeviceScope scope(context.device());
  Capture capture(static_cast<cudaStream_t>(context.stream()));
  give();
  cudaGraphExec_t executable = nullptr;
  cuda_check(cudaGraphInstantiate(&executable, capture.end(), 0), "graph of recorded work");
  graph_.reset(executable);
}

void Recording::launch(const Context& context) const {
  const DeviceScope scope(context.device());
  cuda_check(cudaGraphLaunch(static_cast<cudaGraphExec_t>(graph_.get()),
                             static_cast<cudaStream_t>(context.stream())),
             "launch of recorded work");
}

}  // namespace lrcn::cuda
