#include "tests/reference/lstm.h"

#include <algorithm>
#include <cmath>

namespace lrcn::reference {
namespace {

double& at(Doubles& values, std::int64_t i) { return values[std::size_t(i)]; }
double at(const Doubles& values, std::int64_t i) {
  return values.empty() ? 0.0 : values[std::size_t(i)];
}

// State before step t: h or c of step t - 1, the initial state, or 0 where a sequence starts.
double past(const LstmData& data, const Doubles& all, const Doubles& initial, std::int64_t t,
            std::int64_t n, std::int64_t j) {
  const auto& p = data.problem;
  if (!data.cont.empty() && at(data.cont, t * p.batch + n) == 0.0) {
    return 0.0;
  }
  return t == 0 ? at(initial, n * p.units + j) : at(all, ((t - 1) * p.batch + n) * p.units + j);
}

}  // namespace

LstmValues lstm_forward(const LstmData& data) {
  const auto& p = data.problem;
  const std::int64_t h = p.units;
  LstmValues v;
  v.gates.resize(std::size_t(p.steps * p.batch * 4 * h));
  v.c.resize(std::size_t(p.steps * p.batch * h));
  v.y = v.c;
  for (std::int64_t t = 0; t < p.steps; ++t) {
    for (std::int64_t n = 0; n < p.batch; ++n) {
      const std::int64_t row = t * p.batch + n;
      for (std::int64_t q = 0; q < 4 * h; ++q) {
        double a = at(data.bias, q) + at(data.static_gates, n * 4 * h + q);
        for (std::int64_t k = 0; k < p.inputs; ++k) {
          a += at(data.weight_ih, q * p.inputs + k) * at(data.x, row * p.inputs + k);
        }
        for (std::int64_t k = 0; k < h; ++k) {
          a += data.rounded(at(data.weight_hh, q * h + k)) *
               data.rounded(past(data, v.y, data.h0, t, n, k));
        }
        at(v.gates, row * 4 * h + q) = q / h == 2 ? std::tanh(a) : 1.0 / (1.0 + std::exp(-a));
      }
      for (std::int64_t j = 0; j < h; ++j) {
        const double* gate = &at(v.gates, row * 4 * h + j);
        const double before = past(data, v.c, data.c0, t, n, j);
        at(v.c, row * h + j) = gate[h] * before + gate[0] * gate[2 * h];
        at(v.y, row * h + j) = gate[3 * h] * std::tanh(at(v.c, row * h + j));
      }
    }
  }
  v.h_last.assign(v.y.end() - p.batch * h, v.y.end());
  v.c_last.assign(v.c.end() - p.batch * h, v.c.end());
  return v;
}

double lstm_loss(const LstmData& data) {
  const LstmValues v = lstm_forward(data);
  double sum = 0.0;
  for (std::size_t i = 0; i < v.y.size(); ++i) {
    sum += v.y[i] * data.dy[i];
  }
  for (std::size_t i = 0; i < v.h_last.size(); ++i) {
    sum += v.h_last[i] * at(data.dh_last, std::int64_t(i));
    sum += v.c_last[i] * at(data.dc_last, std::int64_t(i));
  }
  return sum;
}

LstmGradients lstm_backward(const LstmData& data) {
  const auto& p = data.problem;
  const std::int64_t h = p.units;
  const LstmValues v = lstm_forward(data);
  LstmGradients g;
  g.dx.resize(std::size_t(p.steps * p.batch * p.inputs));
  g.dstatic_gates.resize(std::size_t(p.batch * 4 * h));
  g.dh0.resize(std::size_t(p.batch * h));
  g.dc0 = g.dh0;
  g.weight_ih.resize(std::size_t(4 * h * p.inputs));
  g.weight_hh.resize(std::size_t(4 * h * h));
  g.bias.resize(std::size_t(4 * h));
  for (std::int64_t n = 0; n < p.batch; ++n) {
    Doubles dh(static_cast<std::size_t>(h)), dc(static_cast<std::size_t>(h));
    for (std::int64_t j = 0; j < h; ++j) {
      at(dh, j) = at(data.dh_last, n * h + j);
      at(dc, j) = at(data.dc_last, n * h + j);
    }
    for (std::int64_t t = p.steps - 1; t >= 0; --t) {
      const std::int64_t row = t * p.batch + n;
      const bool starts = !data.cont.empty() && at(data.cont, row) == 0.0;
      Doubles da(static_cast<std::size_t>(4 * h));
      for (std::int64_t j = 0; j < h; ++j) {
        const double* gate = &v.gates[std::size_t(row * 4 * h + j)];
        const double i = gate[0], f = gate[h], c = gate[2 * h], o = gate[3 * h];
        const double tanh_c = std::tanh(at(v.c, row * h + j));
        const double from_h = at(dh, j) + at(data.dy, row * h + j);
        const double from_c = at(dc, j) + from_h * o * (1.0 - tanh_c * tanh_c);
        at(da, j) = from_c * c * i * (1.0 - i);
        at(da, h + j) = from_c * past(data, v.c, data.c0, t, n, j) * f * (1.0 - f);
        at(da, 2 * h + j) = from_c * i * (1.0 - c * c);
        at(da, 3 * h + j) = from_h * tanh_c * o * (1.0 - o);
        at(dc, j) = starts ? 0.0 : from_c * f;
      }
      std::fill(dh.begin(), dh.end(), 0.0);
      for (std::int64_t q = 0; q < 4 * h; ++q) {
        at(g.bias, q) += at(da, q);
        at(g.dstatic_gates, n * 4 * h + q) += at(da, q);
        for (std::int64_t k = 0; k < p.inputs; ++k) {
          at(g.weight_ih, q * p.inputs + k) += at(da, q) * at(data.x, row * p.inputs + k);
          at(g.dx, row * p.inputs + k) += at(da, q) * at(data.weight_ih, q * p.inputs + k);
        }
        for (std::int64_t k = 0; k < h; ++k) {
          at(g.weight_hh, q * h + k) += at(da, q) * past(data, v.y, data.h0, t, n, k);
          at(dh, k) +=
              starts ? 0.0 : data.rounded(at(da, q)) * data.rounded(at(data.weight_hh, q * h + k));
        }
      }
    }
    for (std::int64_t j = 0; j < h; ++j) {
      at(g.dh0, n * h + j) = at(dh, j);
      at(g.dc0, n * h + j) = at(dc, j);
    }
  }
  return g;
}

}  // namespace lrcn::reference
