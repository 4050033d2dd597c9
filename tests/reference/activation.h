// Nonlinearities and their derivatives in double, straight from the formulas.
#pragma once

#include <cmath>

namespace lrcn::reference {

inline double relu(double x) { return x > 0.0 ? x : 0.0; }
inline double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }
inline double tanh(double x) { return std::tanh(x); }

// Derivatives with respect to x.
inline double relu_slope(double x) { return x > 0.0 ? 1.0 : 0.0; }
inline double sigmoid_slope(double x) { return sigmoid(x) * (1.0 - sigmoid(x)); }
inline double tanh_slope(double x) { return 1.0 - std::tanh(x) * std::tanh(x); }

}  // namespace lrcn::reference
