#!/usr/bin/env bash
# Installs what is missing, builds and runs all tests.
#
#   tools/test.sh             preset cpu
#   tools/test.sh --all       presets emulated-asan (everything, with sanitizers, CUDA kernels emulated) and cpu;
#                             the table of the CUDA kernels (cmake/kernel_table.sh) where there is nvcc
#   tools/test.sh PRESET...   these presets
#
# Others: emulated (without sanitizers), emulated-tsan (races of kernels; slow), cuda (needs nvcc). Tests that need
# ../shared/data or a GPU are skipped, with the reason, where these are absent.
set -euo pipefail
cd "$(dirname "$0")/.."

presets=()
all=0
for argument in "$@"; do
  case "$argument" in
    -h|--help) sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 0 ;;
    --all) all=1; presets+=(emulated-asan cpu) ;;
    -*) echo "unknown option: $argument (see tools/test.sh --help)" >&2; exit 2 ;;
    *) presets+=("$argument") ;;
  esac
done
[ ${#presets[@]} -gt 0 ] || presets=(cpu)

for preset in "${presets[@]}"; do
  started=$SECONDS
  tools/setup.sh "$preset"
  if [ "$all" = 1 ] && command -v nvcc > /dev/null; then
    cmake/kernel_table.sh
    all=0  # once
  fi
  echo "== $preset: built in $((SECONDS - started)) s" >&2
  # The tests use every core themselves where speed matters; the presets say how many run at once.
  ctest --preset "$preset" --no-tests=error
  echo "== $preset: built and tested in $((SECONDS - started)) s" >&2
done
