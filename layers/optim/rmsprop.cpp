#include "layers/optim/rmsprop.h"

#include "core/error.h"

namespace lrcn {

RmsProp::RmsProp(const RmsPropOptions& options) : options_(options), state_({"mean_square"}) {
  check(options.decay >= 0.0f && options.decay < 1.0f, "rmsprop: decay must be in [0, 1), got ",
        options.decay);
  check(options.epsilon > 0.0f, "rmsprop: epsilon must be > 0, got ", options.epsilon);
  check(options.weight_decay >= 0.0f, "rmsprop: weight_decay must be >= 0, got ",
        options.weight_decay);
}

void RmsProp::step(Context& context, ParamStore& params) {
  rmsprop_update(context, state_.arena(params), options_);
  params.touch_trainable();
}

std::vector<NamedTensor> RmsProp::states(const ParamStore& params) {
  return state_.tensors(params);
}

}  // namespace lrcn
