#include "layers/optim/adam.h"

#include "core/error.h"

namespace lrcn {

Adam::Adam(const AdamOptions& options)
    : options_(options), state_({"first_moment", "second_moment"}) {
  check(options.beta1 >= 0.0f && options.beta1 < 1.0f, "adam: beta1 must be in [0, 1), got ",
        options.beta1);
  check(options.beta2 >= 0.0f && options.beta2 < 1.0f, "adam: beta2 must be in [0, 1), got ",
        options.beta2);
  check(options.epsilon > 0.0f, "adam: epsilon must be > 0, got ", options.epsilon);
  check(options.weight_decay >= 0.0f, "adam: weight_decay must be >= 0, got ",
        options.weight_decay);
}

void Adam::step(Context& context, ParamStore& params) {
  adam_update(context, state_.arena(params), options_);
  params.touch_trainable();
}

std::vector<NamedTensor> Adam::states(const ParamStore& params) { return state_.tensors(params); }

}  // namespace lrcn
