#include "kernels/cuda/convolution_choice.h"

#include <algorithm>
#include <ostream>

#include "core/error.h"
#include "kernels/algorithm_choices.h"
#include "kernels/cuda/plan_measurement.h"
#include "kernels/nvidia_libraries.h"

namespace lrcn::cuda {
namespace {

using Engine = ConvolutionEngine;
using Tile = ConvolutionTile;
using Direction = ConvolutionDirection;

constexpr ConvolutionMethod kCudnn{Engine::cudnn};

ConvolutionMethod& method_of(ConvolutionMethods& methods, Direction direction) {
  switch (direction) {
    case Direction::forward:
      return methods.forward;
    case Direction::dx:
      return methods.dx;
    case Direction::dw:
      break;
  }
  return methods.dw;
}

bool by_definition(const ConvolutionProblem& problem) {
  return problem.algorithm == ConvolutionAlgorithm::direct ||
         problem.algorithm == ConvolutionAlgorithm::plain;
}

// The problem of one direction alone, as it is measured.
ConvolutionProblem part_of(const ConvolutionProblem& problem, Direction direction) {
  ConvolutionProblem part = problem;
  if (direction != Direction::forward) {
    part.backward = true;
    part.needs_dx = direction == Direction::dx;
    part.bias = part.relu = part.pool = false;
  } else {
    part.backward = false;
  }
  return part;
}

// Kernels of one direction on memory that they share.
class Trial {
 public:
  Trial(Context& context, const ConvolutionProblem& problem, const TensorSpec& y,
        Direction direction)
      : context_(context),
        direction_(direction),
        part_(part_of(problem, direction)),
        x_(allocate_operand(context, problem.x.bytes())),
        y_(allocate_operand(context, y.bytes())),
        w_spec_{{problem.out_channels, problem.x.shape[1] / problem.groups, problem.window.kernel_h,
                 problem.window.kernel_w}},
        bias_spec_{{problem.out_channels}} {}

  // Plans the kernel; false where a library has none.
  bool add(const ConvolutionMethod& method) {
    ConvolutionMethods methods;
    method_of(methods, direction_) = method;
    try {
      kernels_.push_back(plan_convolution_by(context_, part_, methods));
    } catch (const DeviceError&) {
      if (method.engine != Engine::cudnn) {
        throw;
      }
      return false;
    }
    return true;
  }

  std::size_t fastest() {
    const auto most = [&](std::size_t (ConvolutionKernel::*bytes)() const) {
      std::size_t largest = 0;
      for (const auto& kernel : kernels_) {
        largest = std::max(largest, ((*kernel).*bytes)());
      }
      return largest;
    };
    packed_ = allocate_operand(context_, most(&ConvolutionKernel::packed_bytes));
    scratch_ = Buffer::allocate(context_.device(), most(&ConvolutionKernel::scratch_bytes));
    w_ = allocate_operand(context_, w_spec_.bytes());
    bias_ = allocate_operand(context_, bias_spec_.bytes());
    std::vector<TimedRun> runs;
    for (const auto& kernel : kernels_) {
      runs.push_back(timed_run(context_, [this, &kernel] { run(*kernel); }));
    }
    return context_.handle<PlanMeasurement>().fastest(runs);
  }

 private:
  static Tensor bytes_of(const Buffer& buffer, std::size_t bytes) {
    return buffer.view(0, {{std::int64_t(bytes)}, DType::u8});
  }

  void run(const ConvolutionKernel& kernel) {
    const Tensor x = x_.view(0, kernel.x_spec());
    const Tensor y = y_.view(0, kernel.y_spec());
    const Tensor packed = bytes_of(packed_, kernel.packed_bytes());
    const Tensor scratch = bytes_of(scratch_, kernel.scratch_bytes());
    if (direction_ == Direction::forward) {
      const Tensor bias = part_.bias ? bias_.view(0, bias_spec_) : Tensor{};
      kernel.forward(context_, {x, packed, bias, y, scratch});
      return;
    }
    const bool dx = direction_ == Direction::dx;
    kernel.backward(context_, {.x = dx ? Tensor{} : x,
                               .y = {},
                               .dy = y,
                               .packed = packed,
                               .dx = dx ? x : Tensor{},
                               .dw = dx ? Tensor{} : w_.view(0, w_spec_),
                               .db = {},
                               .scratch = scratch});
  }

  Context& context_;
  Direction direction_;
  ConvolutionProblem part_;
  Buffer x_, y_, packed_, scratch_, w_, bias_;
  TensorSpec w_spec_, bias_spec_;
  std::vector<std::unique_ptr<ConvolutionKernel>> kernels_;
};

// Index of the fastest candidate; the first one when memory does not suffice to measure.
std::size_t measure(Context& context, const ConvolutionProblem& problem, const TensorSpec& y,
                    Direction direction, const std::vector<ConvolutionMethod>& candidates) {
  try {
    Trial trial(context, problem, y, direction);
    std::vector<std::size_t> planned;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      if (trial.add(candidates[i])) {
        planned.push_back(i);
      }
    }
    return planned[trial.fastest()];
  } catch (const MemoryError&) {
    return 0;
  }
}

ConvolutionMethod decide(Context& context, const ConvolutionProblem& problem, const TensorSpec& y,
                         Direction direction, const std::vector<ConvolutionMethod>& candidates) {
  auto& choices = context.handle<AlgorithmChoices>();
  if (candidates.size() == 1 || (!choices.measures() && choices.entries().empty())) {
    return candidates.front();
  }
  std::vector<std::string> names;
  for (const ConvolutionMethod& method : candidates) {
    names.push_back(concat(method));
  }
  return candidates[choices.choose(convolution_key(context, problem, y, direction), names, 0, [&] {
    return measure(context, problem, y, direction, candidates);
  })];
}

}  // namespace

bool uses_cudnn(const ConvolutionMethods& methods) {
  return methods.forward == kCudnn || methods.dx == kCudnn || methods.dw == kCudnn;
}

std::string convolution_key(Context& context, const ConvolutionProblem& problem,
                            const TensorSpec& y, Direction direction) {
  const std::string library =
      context.provider() == Provider::automatic ? cudnn_library().version : "";
  return concat(context.handle<PlanMeasurement>().device_name(context.device()),
                library.empty() ? "" : ", cuDNN " + library, ": convolution ", direction, ' ',
                problem.precision, ", x ", problem.x, ", y ", y, ", ", problem.window, ", groups ",
                problem.groups, direction == Direction::forward && problem.bias ? ", bias" : "",
                direction == Direction::forward && problem.relu ? ", ReLU" : "",
                direction == Direction::forward && problem.pool ? ", 2x2 maximum" : "");
}

bool suits_cudnn(const ConvolutionProblem& problem, const TensorSpec& y, Direction direction) {
  return problem.x.layout == Layout::nhwc && problem.x.dtype == y.dtype &&
         (direction != Direction::dw || y.dtype == DType::f32);
}

std::vector<ConvolutionMethod> convolution_candidates(const ConvolutionProblem& problem,
                                                      const TensorSpec& y, Direction direction,
                                                      bool cudnn) {
  ConvolutionMethods guess = choose_methods(problem, ConvolutionGeometry(problem, problem.x, y));
  const ConvolutionMethod first = method_of(guess, direction);
  std::vector<ConvolutionMethod> candidates;
  const auto add = [&](const ConvolutionMethod& method) {
    if (std::find(candidates.begin(), candidates.end(), method) == candidates.end()) {
      candidates.push_back(method);
    }
  };
  add(first);
  if (first.engine != Engine::direct) {
    const Tile between = direction == Direction::dw ? Tile::flat : Tile::narrow;
    for (const Tile tile : {Tile::wide, between, Tile::small}) {
      add({first.engine, tile, first.splits});
    }
    if (first.splits > 1) {
      add({first.engine, first.tile, std::max(1, first.splits / 2)});
      add({first.engine, first.tile, first.splits * 2});
    }
    for (const Engine engine : {Engine::simt, Engine::tf32}) {
      if (engine < first.engine && y.dtype == DType::f32) {
        add({engine, first.tile, first.splits});
      }
    }
  }
  if (cudnn && !by_definition(problem) && suits_cudnn(problem, y, direction)) {
    add(kCudnn);
  }
  return candidates;
}

ConvolutionMethods decide_methods(Context& context, const ConvolutionProblem& problem,
                                  const TensorSpec& y) {
  ConvolutionMethods methods = choose_methods(problem, ConvolutionGeometry(problem, problem.x, y));
  const auto directions = {Direction::forward, Direction::dx, Direction::dw};
  if (context.provider() == Provider::cudnn) {
    const NvidiaLibrary library = cudnn_library();
    check<DeviceError>(!library.version.empty(), "convolution: cuDNN was asked for, but ",
                       library.problem);
    for (const Direction direction : directions) {
      if (suits_cudnn(problem, y, direction)) {
        method_of(methods, direction) = kCudnn;
      }
    }
    return methods;
  }
  if (by_definition(problem) || !context.handle<PlanMeasurement>().enabled) {
    return methods;
  }
  const bool cudnn = context.provider() == Provider::automatic && !cudnn_library().version.empty();
  for (const Direction direction : directions) {
    const bool planned = direction == Direction::forward ||
                         (problem.backward && (direction == Direction::dw || problem.needs_dx));
    if (planned) {
      method_of(methods, direction) = decide(context, problem, y, direction,
                                             convolution_candidates(problem, y, direction, cudnn));
    }
  }
  return methods;
}

}  // namespace lrcn::cuda
