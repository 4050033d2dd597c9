// oneDNN behind our types: engine and stream of a context, descriptors, primitives without
// allocation at run time.
#pragma once

#include <initializer_list>
#include <oneapi/dnnl/dnnl.hpp>
#include <vector>

#include "core/context.h"
#include "core/error.h"
#include "core/shape.h"

namespace lrcn::cpu {

// What oneDNN needs to run on this context: context.handle<OneDnn>().
struct OneDnn {
  explicit OneDnn(Context& context);

  dnnl::engine engine;
  dnnl::stream stream;
};

// Throws DeviceError (MemoryError when memory was short) naming the operation.
[[noreturn]] void fail_onednn(const char* operation, const dnnl::error& error);

// Runs `body` and turns an error of oneDNN into ours.
template <class Body>
auto with_onednn(const char* operation, Body&& body) {
  try {
    return body();
  } catch (const dnnl::error& error) {
    fail_onednn(operation, error);
  }
}

// The blocked layout that suits this processor's vector length.
Layout native_blocked_layout();

// Rank 4 for layouts other than plain.
dnnl::memory::desc desc_of(const TensorSpec& spec);

// Attributes of all our primitives: scratch memory comes from the caller.
dnnl::primitive_attr user_scratch();

// Scratch memory is cut into pieces that begin on cache lines.
constexpr std::size_t align_up(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

// A primitive with the memory objects it runs on, so that running it only stores pointers. One
// thread at a time may run it. Empty when default-constructed.
class Primitive {
 public:
  struct Argument {
    int id;  // DNNL_ARG_...; listed even when its size is 0
    dnnl::memory::desc desc;
  };

  Primitive() = default;
  Primitive(const char* operation, OneDnn& dnn, const dnnl::primitive& primitive,
            std::initializer_list<Argument> arguments);

  explicit operator bool() const { return operation_ != nullptr; }
  // One pointer for each argument, in their order.
  void run(std::initializer_list<void*> pointers) const;
  void run(const std::vector<void*>& pointers) const { run(pointers.data(), pointers.size()); }
  // Bytes behind each argument.
  std::vector<std::size_t> sizes() const;

 private:
  void run(void* const* pointers, std::size_t count) const;

  const char* operation_ = nullptr;
  dnnl::primitive primitive_;
  dnnl::stream stream_;
  std::vector<dnnl::memory> memories_;  // one for each argument; empty object when its size is 0
  std::vector<dnnl_exec_arg_t> execution_;
};

// y = x in another format, or y += x.
struct ReorderPrimitive {
  Primitive primitive;  // runs on {x, y, scratch}
  std::size_t scratch_bytes = 0;
};
ReorderPrimitive make_reorder(const char* operation, OneDnn& dnn, const dnnl::memory::desc& x,
                              const dnnl::memory::desc& y, bool accumulate = false);

}  // namespace lrcn::cpu
