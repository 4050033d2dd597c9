// The kernel that a layer chose in plan().
#pragma once

#include <cassert>
#include <memory>

namespace lrcn {

// Like std::unique_ptr, but a copy is empty: copying a layer copies its options, not its plan.
template <class T>
class Planned {
 public:
  Planned() = default;
  Planned(std::unique_ptr<T> object) : object_(std::move(object)) {}
  Planned(const Planned&) noexcept {}
  Planned(Planned&&) noexcept = default;
  Planned& operator=(const Planned&) noexcept {
    object_.reset();
    return *this;
  }
  Planned& operator=(Planned&&) noexcept = default;
  ~Planned() = default;

  T& operator*() const {
    assert(object_ != nullptr);
    return *object_;
  }
  T* operator->() const {
    assert(object_ != nullptr);
    return object_.get();
  }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  std::unique_ptr<T> object_;
};

}  // namespace lrcn
