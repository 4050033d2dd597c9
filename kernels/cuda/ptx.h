// Instructions that C++ has no words for, each with a body for the emulator. Inline assembly stands
// in kernels/cuda/ptx/ alone.
#pragma once

#include "kernels/cuda/ptx/copy.h"
#include "kernels/cuda/ptx/matrix.h"
#include "kernels/cuda/ptx/memory.h"
#include "kernels/cuda/ptx/rounding.h"
#include "kernels/cuda/ptx/warp.h"
