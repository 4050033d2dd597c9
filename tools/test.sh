#!/usr/bin/env bash
# Installs what is missing, builds and runs all tests.
#
#   tools/test.sh             preset cpu
#   tools/test.sh --all       presets cuda (where there is nvcc), emulated-tsan, emulated-asan and cpu
#   tools/test.sh PRESET...   these presets
#
# Preset emulated-tsan, which makes every kernel a hundred times slower, runs a part of the tests: see
# CMakePresets.json. Tests that need ../shared/data or a GPU are skipped, with the reason, where these are absent.
set -euo pipefail
cd "$(dirname "$0")/.."

presets=()
for argument in "$@"; do
  case "$argument" in
    -h|--help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
    --all)
      if command -v nvcc > /dev/null; then
        presets+=(cuda)
      fi
      presets+=(emulated-tsan emulated-asan cpu)
      ;;
    -*) echo "unknown option: $argument (see tools/test.sh --help)" >&2; exit 2 ;;
    *) presets+=("$argument") ;;
  esac
done
[ ${#presets[@]} -gt 0 ] || presets=(cpu)

for preset in "${presets[@]}"; do
  started=$SECONDS
  tools/setup.sh "$preset"
  echo "== $preset: built in $((SECONDS - started)) s" >&2
  # The tests use every core themselves where speed matters, so they run one after the other.
  ctest --preset "$preset" --no-tests=error
  echo "== $preset: built and tested in $((SECONDS - started)) s" >&2
done
