#!/usr/bin/env bash
# Compiles a CUDA source for one architecture as the build does (cmake/LrcnCuda.cmake), to look at the result.
# Needs nvcc (or NVCC), and no GPU.
#
#   cmake/compile_kernels.sh ARCHITECTURE SOURCE OPTION...    for example: 90 kernels/cuda/cast.cu -cubin -o cast.cubin
set -euo pipefail
cd "$(dirname "$0")/.."

if [ $# -lt 2 ]; then
  sed -n '2,5s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
architecture=$1
source=$2
shift 2
exec "${NVCC:-nvcc}" -std=c++20 "-arch=sm_$architecture" --fmad=false --expt-relaxed-constexpr \
  -DLRCN_HAS_CUDA=1 -DLRCN_CUDA_EMULATED=0 -I. "$source" "$@"
