// A graph compiled for fixed shapes on one device: what runs.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/buffer.h"
#include "core/repeated_work.h"
#include "layers/graph/graph.h"
#include "layers/graph/memory_plan.h"
#include "layers/graph/param_store.h"

namespace lrcn {

// Memory shared by programs that run one after the other (length buckets, encoder and decoder
// steps): as large as the largest of them. What one program leaves there, the next may overwrite.
class Arena {
 public:
  explicit Arena(Device device) : device_(device) {}
  // Grows to at least `bytes`. Throws MemoryError.
  void reserve(std::size_t bytes);
  const Buffer& buffer() const { return buffer_; }
  std::uint64_t generation() const { return generation_; }

 private:
  Device device_;
  Buffer buffer_;
  std::uint64_t generation_ = 0;
};

struct CompileOptions {
  Phase phase = Phase::evaluate;
  std::vector<Value> outputs;          // readable after forward
  std::vector<Value> seeds;            // backward starts here with gradient(seed), 1 unless written
  std::vector<Value> input_gradients;  // inputs whose gradient is wanted, readable after backward
  std::shared_ptr<Arena> arena;        // its own when absent
  bool fuse = true;                    // let layers absorb their successors
  bool poison = false;  // fill outputs, gradients and scratch with NaN before each write
};

class Program {
 public:
  // Infers shapes, fuses, chooses layouts and kernels, plans memory and allocates it. Throws
  // ArgumentError naming the layer that does not fit, MemoryError naming the largest tensors.
  static Program compile(Context& context, const Graph& graph, ParamStore& params,
                         CompileOptions options);
  Program(Program&&) noexcept;
  Program& operator=(Program&&) noexcept;
  ~Program();

  // Inputs (to be written before forward) and outputs. The view stays valid until a program that
  // shares the arena is compiled. Throws ArgumentError for a value that was not asked for.
  Tensor value(Value value) const;
  Tensor input(std::string_view name) const;
  // Gradient of a seed or of an input in input_gradients.
  Tensor gradient(Value value) const;

  // Throws DeviceError naming the layer at which an error of the device showed.
  void forward(Context& context);
  // The same; needs a forward before it. Adds to the parameter gradients of the store.
  void backward(Context& context);

  // Changes when forward or backward would give the context other work than the last time, or the
  // same work on other memory: the arena or the parameters have moved, or weights that are packed
  // only when they change have changed.
  RepeatedWork::Key revision() const;

  const MemoryPlan& memory() const;
  // One line for each layer that runs: name, kind, output specs, kernels; for `lrcn inspect`.
  std::vector<std::string> describe() const;

 private:
  friend class Compiler;
  struct Impl;
  explicit Program(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace lrcn
