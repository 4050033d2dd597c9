#include "layers/optim/clip.h"

#include <array>
#include <cmath>

#include "core/error.h"
#include "core/transfer.h"
#include "kernels/reduce.h"
#include "layers/optim/gradients.h"

namespace lrcn {
namespace {

constexpr std::array kKinds{ClipOptions::Kind::none, ClipOptions::Kind::norm,
                            ClipOptions::Kind::values};

}  // namespace

std::string_view name_of(ClipOptions::Kind kind) {
  switch (kind) {
    case ClipOptions::Kind::none:
      return "none";
    case ClipOptions::Kind::norm:
      return "norm";
    case ClipOptions::Kind::values:
      return "values";
  }
  return "";
}

ClipOptions::Kind parse_clip_kind(std::string_view name) {
  for (const ClipOptions::Kind kind : kKinds) {
    if (name_of(kind) == name) {
      return kind;
    }
  }
  fail<ArgumentError>("clipping: expected none, norm or values, got \"", name, '"');
}

GradientClip::GradientClip(Device device, const ClipOptions& options)
    : options_(options), norm_(device, {Shape{1}}) {
  check(options.kind == ClipOptions::Kind::none ||
            (options.limit > 0.0f && std::isfinite(options.limit)),
        "clipping: the limit must be positive, got ", options.limit);
}

void GradientClip::apply(Context& context, const ParamStore& params, int batches) {
  check(batches >= 1, "clipping: expected gradients of at least one batch, got ", batches);
  const Tensor gradients = trainable_gradients(params);
  const bool by_norm = options_.kind == ClipOptions::Kind::norm;
  clip_norm(context, gradients, norm_.tensor,
            {.max_norm = by_norm ? options_.limit : 0.0f, .gradient_scale = 1.0f / float(batches)});
  if (options_.kind == ClipOptions::Kind::values) {
    // The mean is cut at the limit where the sum is cut at `batches` times the limit.
    clip_values(context, gradients, options_.limit * float(batches));
  }
}

float GradientClip::norm(const Context& context) const {
  context.synchronize();
  float norm = 0.0f;
  download(&norm, norm_.tensor);
  return norm;
}

}  // namespace lrcn
