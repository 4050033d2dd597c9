// The tensors among the arguments of an operation.
#pragma once

#include <span>
#include <type_traits>
#include <utility>

#include "core/tensor.h"

namespace lrcn {
namespace detail {

// Stands for any member when the members of an aggregate are counted.
struct AnyMember {
  template <class T>
  operator T() const;
};

template <class T, class... Members>
consteval std::size_t count_members() {
  if constexpr (requires { T{Members{}..., AnyMember{}}; }) {
    return count_members<T, Members..., AnyMember>();
  } else {
    return sizeof...(Members);
  }
}

// f(member) for every member of an aggregate; the language has no shorter way before reflection.
template <class T, class F>
void each_member(const T& value, const F& f) {
  constexpr std::size_t kMembers = count_members<T>();
  const auto visit = [&](const auto&... member) { (f(member), ...); };
  static_assert(kMembers <= 12, "each_member: add a case");
  if constexpr (kMembers == 1) {
    const auto& [a] = value;
    visit(a);
  } else if constexpr (kMembers == 2) {
    const auto& [a, b] = value;
    visit(a, b);
  } else if constexpr (kMembers == 3) {
    const auto& [a, b, c] = value;
    visit(a, b, c);
  } else if constexpr (kMembers == 4) {
    const auto& [a, b, c, d] = value;
    visit(a, b, c, d);
  } else if constexpr (kMembers == 5) {
    const auto& [a, b, c, d, e] = value;
    visit(a, b, c, d, e);
  } else if constexpr (kMembers == 6) {
    const auto& [a, b, c, d, e, g] = value;
    visit(a, b, c, d, e, g);
  } else if constexpr (kMembers == 7) {
    const auto& [a, b, c, d, e, g, h] = value;
    visit(a, b, c, d, e, g, h);
  } else if constexpr (kMembers == 8) {
    const auto& [a, b, c, d, e, g, h, i] = value;
    visit(a, b, c, d, e, g, h, i);
  } else if constexpr (kMembers == 9) {
    const auto& [a, b, c, d, e, g, h, i, j] = value;
    visit(a, b, c, d, e, g, h, i, j);
  } else if constexpr (kMembers == 10) {
    const auto& [a, b, c, d, e, g, h, i, j, k] = value;
    visit(a, b, c, d, e, g, h, i, j, k);
  } else if constexpr (kMembers == 11) {
    const auto& [a, b, c, d, e, g, h, i, j, k, l] = value;
    visit(a, b, c, d, e, g, h, i, j, k, l);
  } else if constexpr (kMembers == 12) {
    const auto& [a, b, c, d, e, g, h, i, j, k, l, m] = value;
    visit(a, b, c, d, e, g, h, i, j, k, l, m);
  }
}

}  // namespace detail

// f(tensor) for `value` if it is a tensor, or for each in it: a span of tensors, or an aggregate
// with tensors among its members.
template <class T, class F>
void each_tensor(const T& value, const F& f) {
  if constexpr (std::is_same_v<T, Tensor>) {
    f(value);
  } else if constexpr (std::is_same_v<T, std::span<const Tensor>>) {
    for (const Tensor& tensor : value) {
      f(tensor);
    }
  } else if constexpr (std::is_class_v<T> && std::is_aggregate_v<T>) {
    detail::each_member(value, [&](const auto& member) { each_tensor(member, f); });
  }
}

// Throws ArgumentError, naming `op` and both devices, when a tensor with elements lies elsewhere.
template <class... Arguments>
void check_devices(const char* op, Device device, const Arguments&... arguments) {
  const auto check_one = [&](const Tensor& tensor) {
    check(tensor.data == nullptr || tensor.device == device, op, ": runs on ", device,
          ", but was given ", tensor.spec, " on ", tensor.device);
  };
  (each_tensor(arguments, check_one), ...);
}

}  // namespace lrcn
