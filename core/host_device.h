// For functions that CUDA kernels call as well as the host.
#pragma once

#if defined(__CUDACC__)
#define LRCN_HOST_DEVICE __host__ __device__
#else
#define LRCN_HOST_DEVICE
#endif
