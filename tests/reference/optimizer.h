// The update rules of kernels/optimizer.h in double, for one element.
#pragma once

#include <cmath>

namespace lrcn::reference {

struct Weight {
  double value = 0.0;
  double state = 0.0;
  double state2 = 0.0;
};

// g: scaled gradient with decay; rate: learning rate with its factor; t: 1 for the first step.
inline void sgd(Weight& w, double g, double rate, double momentum) {
  w.state = momentum * w.state + rate * g;
  w.value -= w.state;
}

inline void adam(Weight& w, double g, double rate, double t) {
  w.state = 0.9 * w.state + 0.1 * g;
  w.state2 = 0.999 * w.state2 + 0.001 * g * g;
  const double mean = w.state / (1.0 - std::pow(0.9, t));
  const double square = w.state2 / (1.0 - std::pow(0.999, t));
  w.value -= rate * mean / (std::sqrt(square) + 1e-8);
}

inline void rmsprop(Weight& w, double g, double rate) {
  w.state = 0.95 * w.state + 0.05 * g * g;
  w.value -= rate * g / (std::sqrt(w.state) + 1e-8);
}

}  // namespace lrcn::reference
