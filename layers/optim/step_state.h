// Access to the StepState of a context on any device.
#pragma once

#include "core/context.h"

namespace lrcn {

// Both wait for the work given to the context's stream.
void write_step_state(Context& context, const StepState& state);
StepState read_step_state(const Context& context);

}  // namespace lrcn
