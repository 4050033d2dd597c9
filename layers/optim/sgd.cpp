#include "layers/optim/sgd.h"

#include "core/error.h"

namespace lrcn {

Sgd::Sgd(const SgdOptions& options) : options_(options), state_({"momentum"}) {
  check(options.momentum >= 0.0f && options.momentum < 1.0f,
        "sgd: momentum must be in [0, 1), got ", options.momentum);
  check(options.weight_decay >= 0.0f, "sgd: weight_decay must be >= 0, got ", options.weight_decay);
}

void Sgd::step(Context& context, ParamStore& params) {
  sgd_update(context, state_.arena(params), options_);
  params.touch_trainable();
}

std::vector<NamedTensor> Sgd::states(const ParamStore& params) { return state_.tensors(params); }

}  // namespace lrcn
