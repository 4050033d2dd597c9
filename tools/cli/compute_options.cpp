#include "tools/cli/compute_options.h"

#include "tools/cli/usage_error.h"

namespace lrcn {

void ComputeOptions::declare(Options& options) {
  options.value("--device", device_, "cpu, cuda or cuda:INDEX");
  options.value("--precision", precision_,
                "Factors of products on a GPU: f32, tf32 or bf16; sums and memory stay f32");
  options.flag("--check-launches", checks_launches_,
               "Wait for every kernel, so that an error of a GPU names the one at fault (slow)");
}

Context ComputeOptions::context() const {
  const Device device = Device::parse(device_);
  const Precision precision = parse_precision(precision_);
  check<UsageError>(precision == Precision::f32 || device.is_cuda(), "--precision ", precision,
                    " needs --device cuda: the CPU computes in f32");
  Context context(device);
  context.set_precision(precision);
  context.set_checks_launches(checks_launches_);
  return context;
}

}  // namespace lrcn
