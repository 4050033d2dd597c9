// A recurrent model that is asked for one next symbol at a time.
#pragma once

#include <cstdint>

#include "core/context.h"
#include "core/repeated_work.h"
#include "core/tensor.h"

namespace lrcn {

// R hypotheses side by side; the searches drive it. One thread at a time.
class StepModel {
 public:
  virtual ~StepModel() = default;

  virtual std::int64_t rows() const = 0;        // R
  virtual std::int64_t vocabulary() const = 0;  // V
  // Feeds ids, i32 [R], to the hypotheses and returns the scores of what follows: f32 [R, V], valid
  // until the next call. Row r continues the hypothesis that was in row parents[r], i32 [R], of the
  // previous call; without parents every row continues itself. Nothing waits for the device.
  virtual Tensor step(Context& context, Tensor ids, Tensor parents) = 0;
  // Changes when step() would give other work than before (core/repeated_work.h).
  virtual RepeatedWork::Key revision() const { return {}; }
};

}  // namespace lrcn
