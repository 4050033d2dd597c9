// The element type in which a layer joins several inputs.
#pragma once

#include "layers/planner.h"

namespace lrcn {

// Asks for all real inputs in bf16 where a producer left one of them so, else in f32.
inline void request_joined_dtype(Planner& planner) {
  DType dtype = DType::f32;
  for (int i = 0; i < planner.input_count(); ++i) {
    planner.accept_dtype(i);
    dtype = planner.input(i).dtype == DType::bf16 ? DType::bf16 : dtype;
  }
  for (int i = 0; i < planner.input_count(); ++i) {
    if (is_real(planner.input(i).dtype)) {
      planner.request_dtype(i, dtype);
    }
  }
}

}  // namespace lrcn
