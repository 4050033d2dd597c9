#include "kernels/step_meters.h"

#include "kernels/check_tensor.h"

namespace lrcn {

void check_meters(const char* op, const Tensor& meters) {
  check_plain(op, "meters", meters, DType::u8, {std::int64_t(sizeof(StepMeters))});
}

void check_add_to_meters(const Tensor& loss, const Tensor& tally, const Tensor& meters) {
  check_floats("add_to_meters", "loss", loss);
  check(loss.elements() == 1, "add_to_meters: loss must have one element, got ", loss.spec);
  check_plain("add_to_meters", "tally", tally, DType::f32, {2});
  check_meters("add_to_meters", meters);
}

}  // namespace lrcn
