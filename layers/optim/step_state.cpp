#include "layers/optim/step_state.h"

#include "core/transfer.h"

namespace lrcn {
namespace {

Tensor bytes_of(const Context& context) {
  return {&context.step_state(), {Shape{sizeof(StepState)}, DType::u8}, context.device()};
}

}  // namespace

void write_step_state(Context& context, const StepState& state) {
  context.synchronize();  // kernels given to the stream earlier still read the old values
  upload(bytes_of(context), &state);
}

StepState read_step_state(const Context& context) {
  context.synchronize();
  StepState state;
  download(&state, bytes_of(context));
  return state;
}

}  // namespace lrcn
