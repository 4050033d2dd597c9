// Where memory lives and kernels run.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string_view>

namespace lrcn {

struct Device {
  enum class Type : std::uint8_t { cpu, cuda };

  Type type = Type::cpu;
  int index = 0;

  static Device cpu() { return {}; }
  static Device cuda(int index) { return {Type::cuda, index}; }
  // "cpu", "cuda" or "cuda:1". Throws ArgumentError naming the accepted forms.
  static Device parse(std::string_view text);

  bool is_cpu() const { return type == Type::cpu; }
  bool is_cuda() const { return type == Type::cuda; }
  friend bool operator==(Device, Device) = default;
};

std::ostream& operator<<(std::ostream& out, Device device);

}  // namespace lrcn
