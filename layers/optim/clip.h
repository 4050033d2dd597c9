// Clipping and averaging of gradients before an update.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/buffer.h"
#include "layers/graph/param_store.h"

namespace lrcn {

struct ClipOptions {
  enum class Kind : std::uint8_t {
    none,
    norm,    // scales all gradients so that their joint L2 norm is at most `limit`
    values,  // cuts every element to [-limit, limit]
  };

  Kind kind = Kind::none;
  float limit = 0.0f;
};

// "none", "norm", "values". The second throws ArgumentError naming them.
std::string_view name_of(ClipOptions::Kind kind);
ClipOptions::Kind parse_clip_kind(std::string_view name);

class GradientClip {
 public:
  // Throws ArgumentError unless limit > 0 (kind none ignores it).
  GradientClip(Device device, const ClipOptions& options);

  // The store holds the sum of the gradients of `batches` batches, whose mean is clipped and will
  // be used: writes StepState::gradient_scale; `values` also changes the gradients.
  void apply(Context& context, const ParamStore& params, int batches = 1);
  // The L2 norm of the mean before clipping: not finite when an element is not; there is no update
  // then. Waits for the device.
  float norm(const Context& context) const;

 private:
  ClipOptions options_;
  OwnedTensor norm_;  // f32 [1]
};

}  // namespace lrcn
