// What the machine itself reaches: what measured kernels are compared with.
#pragma once

#include "core/context.h"

namespace lrcn {

struct Ceilings {
  double copy_gb_per_second = 0;        // of large buffers, bytes read plus bytes written
  double product_gflop_per_second = 0;  // of large square matrices, in the context's precision
  double fma_gflop_per_second = 0;      // of the processor alone: multiply-adds in registers, all
                                        // threads; 0 for a GPU
};

struct CeilingSizes {
  std::int64_t copy_bytes = 0;
  std::int64_t product_extent = 0;  // of all three sides
  std::int64_t fma_rounds = 0;
};

// Sizes that show what this device can do; small ones for an emulated device.
CeilingSizes ceiling_sizes(Device device);

// The best of several runs each.
Ceilings measure_ceilings(Context& context, const CeilingSizes& sizes);

}  // namespace lrcn
