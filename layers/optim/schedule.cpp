#include "layers/optim/schedule.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "core/error.h"

namespace lrcn {
namespace {

constexpr std::array kKinds{Schedule::Kind::constant, Schedule::Kind::step,
                            Schedule::Kind::exponential, Schedule::Kind::cosine};

}  // namespace

std::string_view name_of(Schedule::Kind kind) {
  switch (kind) {
    case Schedule::Kind::constant:
      return "constant";
    case Schedule::Kind::step:
      return "step";
    case Schedule::Kind::exponential:
      return "exponential";
    case Schedule::Kind::cosine:
      return "cosine";
  }
  return "";
}

Schedule::Kind parse_schedule_kind(std::string_view name) {
  for (const Schedule::Kind kind : kKinds) {
    if (name_of(kind) == name) {
      return kind;
    }
  }
  fail<ArgumentError>("schedule: expected constant, step, exponential or cosine, got \"", name,
                      '"');
}

double Schedule::at(std::int64_t step) const {
  if (step < warmup) {
    return base * double(step + 1) / double(warmup);
  }
  const std::int64_t s = std::max<std::int64_t>(0, step - warmup - begin);
  switch (kind) {
    case Kind::constant:
      return base;
    case Kind::step:
      return base * std::pow(factor, double(s / every));
    case Kind::exponential:
      return base * std::pow(factor, double(s) / double(every));
    case Kind::cosine: {
      const double progress = std::min(1.0, double(s) / double(total - warmup - begin));
      return floor + (base - floor) * (1.0 + std::cos(std::numbers::pi * progress)) / 2.0;
    }
  }
  return base;
}

void Schedule::validate() const {
  const auto finite_from = [](double value, double low) {
    return std::isfinite(value) && value >= low;
  };
  check(finite_from(base, 0.0), "schedule: base must be a rate >= 0, got ", base);
  check(warmup >= 0, "schedule: warmup must be >= 0 steps, got ", warmup);
  check(begin >= 0, "schedule: begin must be >= 0 steps, got ", begin);
  if (kind == Kind::step || kind == Kind::exponential) {
    check(finite_from(factor, 0.0) && factor > 0.0, "schedule: factor must be > 0, got ", factor);
    check(every >= 1, "schedule: every must be >= 1 step, got ", every);
  }
  if (kind == Kind::cosine) {
    check(finite_from(floor, 0.0) && floor <= base, "schedule: floor must be in 0 .. ", base,
          ", got ", floor);
    check(total - warmup > begin,
          "schedule: total must be greater than warmup + begin = ", warmup + begin, ", got ",
          total);
  }
}

}  // namespace lrcn
