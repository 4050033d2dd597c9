// Clearing gradients and looking for broken ones.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "layers/graph/param_store.h"

namespace lrcn {

// The gradients of all trainable parameters in one tensor: f32 [P]. Throws ArgumentError when the
// store has trainable parameters, but no gradients.
Tensor trainable_gradients(const ParamStore& params);

// Backward passes add to gradients: to be called before the first one and after each update.
void zero_gradients(Context& context, const ParamStore& params);

struct NonFinite {
  std::string name;          // of the first parameter whose gradient holds NaN or infinity
  std::int64_t element = 0;  // the first such element, row-major
  std::int64_t count = 0;    // over all parameters
};

// Nothing when all gradients are finite. Waits for the device.
std::optional<NonFinite> find_non_finite(Context& context, const ParamStore& params);

}  // namespace lrcn
