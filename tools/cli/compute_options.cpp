#include "tools/cli/compute_options.h"

#include "tools/cli/usage_error.h"

namespace lrcn {

void ComputeOptions::declare(Options& options) {
  options.value("--device", device_, "cpu, cuda or cuda:INDEX");
  options.value("--precision", precision_,
                "What a GPU multiplies: f32, tf32, or bf16, which activations then also "
                "occupy; sums and parameters stay f32");
  options.flag("--check-launches", checks_launches_,
               "Wait for every kernel, so that an error of a GPU names the one at fault (slow)");
}

void ComputeOptions::declare_provider(Options& options) {
  options.value(
      "--provider", provider_,
      "Whose kernels a GPU runs: auto (the fastest, as measured), own or cudnn (cuDNN and "
      "cuBLASLt)");
}

Context ComputeOptions::context() const {
  const Device device = Device::parse(device_);
  const Precision precision = parse_precision(precision_);
  check<UsageError>(precision == Precision::f32 || device.is_cuda(), "--precision ", precision,
                    " needs --device cuda: the CPU computes in f32");
  const Provider provider = parse_provider(provider_);
  check<UsageError>(provider == Provider::automatic || device.is_cuda(), "--provider ", provider,
                    " needs --device cuda: the CPU has one provider");
  Context context(device);
  context.set_precision(precision);
  context.set_checks_launches(checks_launches_);
  context.set_provider(provider);
  return context;
}

}  // namespace lrcn
