#include "kernels/optimizer.h"

#include "kernels/check_tensor.h"

namespace lrcn {

void check_update(const char* op, const UpdateArena& arena, int states) {
  check_plain(op, "value", arena.value, DType::f32);
  check(arena.value.shape().rank() == 1, op, ": value must be [P], got ", arena.value.spec);
  const Shape& shape = arena.value.shape();
  check_plain(op, "gradient", arena.gradient, DType::f32, shape);
  check_plain(op, "state", arena.state, DType::f32, shape);
  if (states > 1) {
    check_plain(op, "state2", arena.state2, DType::f32, shape);
  }
}

}  // namespace lrcn
