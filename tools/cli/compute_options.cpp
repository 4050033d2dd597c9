#include "tools/cli/compute_options.h"

#include "tools/cli/usage_error.h"

namespace lrcn {

void ComputeOptions::declare(Options& options) {
  options.value("--device", device_, "cpu, cuda or cuda:INDEX");
  options.value("--precision", precision_,
                "Factors of products on a GPU: f32, tf32 or bf16; sums and memory stay f32");
}

Context ComputeOptions::context() const {
  const Device device = Device::parse(device_);
  const Precision precision = parse_precision(precision_);
  check<UsageError>(precision == Precision::f32 || device.is_cuda(), "--precision ", precision,
                    " needs --device cuda: the CPU computes in f32");
  Context context(device);
  context.set_precision(precision);
  return context;
}

}  // namespace lrcn
