// The state arenas of an optimizer, laid out as the trainable part of a ParamStore.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/buffer.h"
#include "kernels/optimizer.h"
#include "layers/graph/param_store.h"
#include "layers/optim/named_tensor.h"

namespace lrcn {

class FlatState {
 public:
  // One arena, zero at first, for each name ("momentum"); at most two.
  explicit FlatState(std::vector<std::string> names);

  // What the update kernels take: values, gradients, states and one segment for each run of
  // parameters with equal multipliers. Allocates at the first call. Throws ArgumentError when the
  // store's trainable parameters have changed since or when it has no gradients.
  UpdateArena arena(const ParamStore& params);
  // "NAME/PARAMETER", a view of the parameter's shape into the arena NAME.
  std::vector<NamedTensor> tensors(const ParamStore& params);

 private:
  struct Place {  // of one trainable parameter
    std::string name;
    Shape shape;
    std::int64_t offset = 0;
    float lr_mult = 1.0f;
    float decay_mult = 1.0f;

    friend bool operator==(const Place&, const Place&) = default;
  };

  void bind(const ParamStore& params);
  static std::vector<Place> places_of(const ParamStore& params);
  void upload_segments(Device device);

  std::vector<std::string> names_;
  std::vector<Place> places_;
  std::vector<Buffer> arenas_;  // f32 [P] for each name
  Buffer segment_memory_;       // UpdateSegment [S], on the device
  std::size_t segment_count_ = 0;
  std::int64_t elements_ = 0;  // P
  bool bound_ = false;
  std::uint64_t generation_ = 0;
};

}  // namespace lrcn
