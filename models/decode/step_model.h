// A recurrent model that is asked for one next symbol at a time.
#pragma once

#include <cstdint>
#include <span>

#include "core/context.h"
#include "core/tensor.h"

namespace lrcn {

// R hypotheses side by side; the searches drive it. One thread at a time.
class StepModel {
 public:
  virtual ~StepModel() = default;

  virtual std::int64_t rows() const = 0;        // R
  virtual std::int64_t vocabulary() const = 0;  // V
  // Feeds ids [R] to the hypotheses and returns the scores of what follows: f32 [R, V], valid until
  // the next call. Row r continues the hypothesis that was in row parents[r] of the previous call;
  // empty parents mean every row continues itself.
  virtual Tensor step(Context& context, std::span<const std::int32_t> ids,
                      std::span<const std::int32_t> parents) = 0;
};

}  // namespace lrcn
