// The error types of the library and the check that throws them.
//
// Every message names the operation, the expectation and the value found:
//   "conv2d: x must be [N,C,H,W], got [2,3,4]".
// Libraries only throw; the command line maps a type to an exit code (tools/cli/exit_code.h).
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>

namespace lrcn {

// Base of everything the library throws on purpose.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A caller broke a contract: wrong shape, wrong dtype, wrong device, bad option.
class ArgumentError final : public Error {
 public:
  using Error::Error;
};

// Input was read but its content is wrong: a cut file, a duplicate key, weights of the wrong shape.
class DataError final : public Error {
 public:
  using Error::Error;
};

// Input does not exist or cannot be opened.
class NotFoundError final : public Error {
 public:
  using Error::Error;
};

// Reading or writing failed half-way: full disk, read-only folder, I/O error.
class IoError final : public Error {
 public:
  using Error::Error;
};

// Memory of the host or the device does not suffice.
class MemoryError final : public Error {
 public:
  using Error::Error;
};

// A device is missing, unusable or has failed.
class DeviceError final : public Error {
 public:
  using Error::Error;
};

// Joins the streamed forms of its arguments into one string.
template <class... Parts>
std::string concat(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

// Throws E with the joined parts as message.
template <class E, class... Parts>
[[noreturn]] void fail(const Parts&... parts) {
  throw E(concat(parts...));
}

// Throws E (ArgumentError unless told) with the joined parts when `condition` is false. For what a
// caller or a file can cause; use assert for our own invariants. The message is built only on
// failure.
template <class E = ArgumentError, class... Parts>
void check(bool condition, const Parts&... parts) {
  if (!condition) [[unlikely]] {
    fail<E>(parts...);
  }
}

}  // namespace lrcn
