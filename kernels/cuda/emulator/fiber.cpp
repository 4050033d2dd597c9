#include "kernels/cuda/emulator/fiber.h"

#include <boost/context/preallocated.hpp>
#include <boost/context/protected_fixedsize_stack.hpp>
#include <utility>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if LRCN_EMULATOR_RACES
#include <sanitizer/tsan_interface.h>
#endif

namespace lrcn::cuda::emulator {
namespace {

namespace context = boost::context;

// Reports of the sanitizers are written on the stack of the fiber.
#if defined(__SANITIZE_ADDRESS__) || LRCN_EMULATOR_RACES
constexpr std::size_t kStackBytes = std::size_t(256) << 10;
#else
constexpr std::size_t kStackBytes = std::size_t(64) << 10;
#endif

#if defined(__SANITIZE_ADDRESS__)
void begin_switch(void** fake_stack, const void* bottom, std::size_t bytes) {
  __sanitizer_start_switch_fiber(fake_stack, bottom, bytes);
}
void end_switch(void* fake_stack, const void** bottom, std::size_t* bytes) {
  __sanitizer_finish_switch_fiber(fake_stack, bottom, bytes);
}
// What the frames of a stack that is gone forbade would stay forbidden to whoever gets its memory.
void allow_again(const void* stack, std::size_t bytes) {
  __asan_unpoison_memory_region(stack, bytes);
}
#else
void begin_switch(void**, const void*, std::size_t) {}
void end_switch(void*, const void**, std::size_t*) {}
void allow_again(const void*, std::size_t) {}
#endif

#if LRCN_EMULATOR_RACES
void* create_race_context() { return __tsan_create_fiber(0); }
void destroy_race_context(void* context) { __tsan_destroy_fiber(context); }
void* current_race_context() { return __tsan_get_current_fiber(); }
// Orders nothing: that one fiber goes on after another is chance.
void switch_race_context(void* context) {
  __tsan_switch_to_fiber(context, __tsan_switch_to_fiber_no_sync);
}
#else
void* create_race_context() { return nullptr; }
void destroy_race_context(void*) {}
void* current_race_context() { return nullptr; }
void switch_race_context(void*) {}
#endif

}  // namespace

thread_local Fiber* Fiber::paused_ = nullptr;

Fiber::Fiber(std::function<void(Fiber&)> body)
    : body_(std::move(body)), race_context_(create_race_context()) {
  context::protected_fixedsize_stack allocator(kStackBytes);
  const context::stack_context stack = allocator.allocate();
  stack_ = static_cast<const char*>(stack.sp) - stack.size;
  stack_bytes_ = stack.size;
  inside_ = context::fiber(std::allocator_arg, context::preallocated(stack.sp, stack.size, stack),
                           allocator,
                           [this](context::fiber&& outside) { return run(std::move(outside)); });
}

Fiber::~Fiber() {
  ending_ = true;
  resume();
  allow_again(stack_, stack_bytes_);
  destroy_race_context(race_context_);
}

void Fiber::resume() {
  void* outer_fake_stack = nullptr;
  begin_switch(&outer_fake_stack, stack_, stack_bytes_);
  outer_race_context_ = current_race_context();
  switch_race_context(race_context_);
  paused_ = nullptr;
  Context from = std::move(inside_).resume();
  paused_->inside_ = std::move(from);
  end_switch(outer_fake_stack, nullptr, nullptr);
}

void Fiber::pause() {
  switch_race_context(outer_race_context_);
  begin_switch(&inner_fake_stack_, outer_stack_, outer_stack_bytes_);
  paused_ = this;
  arrive(std::move(outside_).resume());
}

void Fiber::pause_for(Fiber& next) {
  next.outer_stack_ = outer_stack_;
  next.outer_stack_bytes_ = outer_stack_bytes_;
  next.outer_race_context_ = outer_race_context_;
  next.outside_ = std::move(outside_);
  switch_race_context(next.race_context_);
  begin_switch(&inner_fake_stack_, next.stack_, next.stack_bytes_);
  paused_ = this;
  arrive(std::move(next.inside_).resume());
}

Fiber::Context Fiber::run(Context&& from) {
  arrive(std::move(from));
  while (!ending_) {
    body_(*this);
    pause();
  }
  switch_race_context(outer_race_context_);
  begin_switch(nullptr, outer_stack_, outer_stack_bytes_);
  paused_ = this;
  return std::move(outside_);
}

// On the stack of this fiber, come from `from`.
void Fiber::arrive(Context&& from) {
  if (paused_ == nullptr) {
    outside_ = std::move(from);
    end_switch(inner_fake_stack_, &outer_stack_, &outer_stack_bytes_);
  } else {
    paused_->inside_ = std::move(from);
    end_switch(inner_fake_stack_, nullptr, nullptr);
  }
}

}  // namespace lrcn::cuda::emulator
