// What tests tell a machine that does not exist, and ask it (docs/design/runtime_stand_in.md).
//
// The files of this folder define the functions of the CUDA runtime that core/cuda calls. Memory is
// memory of the host, and a stream does its work as late as it may: when somebody waits for it.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <functional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace lrcn::test::stand_in {

struct Machine {
  int devices = 1;
  int driver = CUDART_VERSION;  // newest CUDA version it supports; 0: there is none
  int capability = 90;
  std::size_t memory = std::size_t(16) << 30;  // bytes of a device
  int resident_blocks = 4;                     // of any kernel, on all multiprocessors
};

// Another machine, on which nothing has happened.
void reset(const Machine& machine);

// The call of `function` that comes after `passing` more of them returns `error` and does nothing
// else. Errors of the kind that stays are returned by every call from then on.
void fail(const std::string& function, cudaError_t error, int passing = 0);

// How often the function was called.
int calls(const std::string& function);
// All bytes of devices and page-locked memory that are held now.
std::size_t bytes_held();

// What is wrong when a test ends: calls that no program should make, whatever it does about
// their errors, and what was made and not destroyed.
std::vector<std::string> complaints();

// A function of the host that stands for a kernel. It runs once for a launch, with the arguments of
// the launch, when its stream comes to it.
void add_kernel(const void* function,
                std::function<std::function<void()>(void** arguments)> with_arguments);

template <class... Parameters>
void add_kernel(void (*kernel)(Parameters...)) {
  add_kernel(reinterpret_cast<const void*>(kernel), [kernel](void** arguments) {
    return [&]<std::size_t... I>(std::index_sequence<I...>)->std::function<void()> {
      return
          [kernel, values = std::tuple<Parameters...>(*static_cast<Parameters*>(arguments[I])...)] {
            std::apply(kernel, values);
          };
    }
    (std::index_sequence_for<Parameters...>());
  });
}

}  // namespace lrcn::test::stand_in
