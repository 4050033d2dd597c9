// The learning rate as a function of the step.
#pragma once

#include <cstdint>
#include <string_view>

namespace lrcn {

// With s = max(0, step - warmup - begin), in steps, the rate after warm-up is
//   constant     base
//   step         base * factor^floor(s / every)
//   exponential  base * factor^(s / every), without jumps; every = 1: a factor for each step
//   cosine       floor + (base - floor) * (1 + cos(pi * min(1, s / (total - warmup - begin)))) / 2
// (Loshchilov and Hutter, 2017: one period). A factor for each epoch is `step` or `exponential`
// with every = steps of an epoch. In warm-up, step < warmup, it is base * (step + 1) / warmup.
struct Schedule {
  enum class Kind : std::uint8_t { constant, step, exponential, cosine };

  Kind kind = Kind::constant;
  double base = 0.01;
  double factor = 0.5;
  std::int64_t every = 1;
  std::int64_t total = 0;  // cosine: the step that has reached `floor`
  double floor = 0.0;
  std::int64_t warmup = 0;
  std::int64_t begin = 0;  // steps after warm-up that keep the base rate

  // The rate of `step`, which counts from 0.
  double at(std::int64_t step) const;
  // Throws ArgumentError naming the field that is out of range.
  void validate() const;
};

// "constant", "step", "exponential", "cosine". The second throws ArgumentError naming them.
std::string_view name_of(Schedule::Kind kind);
Schedule::Kind parse_schedule_kind(std::string_view name);

}  // namespace lrcn
