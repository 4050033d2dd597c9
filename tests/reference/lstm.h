// An LSTM sequence and its gradients in double, by plain loops over the formulas of kernels/lstm.h.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/lstm.h"

namespace lrcn::reference {

using Doubles = std::vector<double>;

// Empty vectors stand for what is absent. Shapes as in kernels/lstm.h.
struct LstmData {
  LstmProblem problem;
  double (*rounded)(double) = [](double factor) {
    return factor;
  };  // factors of the recurrent products
  Doubles x, cont, static_gates, h0, c0, weight_ih, weight_hh, bias;
  Doubles dy, dh_last, dc_last;  // gradients from above
};

struct LstmValues {
  Doubles gates, c, y, h_last, c_last;
};

struct LstmGradients {
  Doubles dx, dstatic_gates, dh0, dc0, weight_ih, weight_hh, bias;
};

LstmValues lstm_forward(const LstmData& data);
// The number whose gradients lstm_backward gives.
double lstm_loss(const LstmData& data);
LstmGradients lstm_backward(const LstmData& data);

}  // namespace lrcn::reference
