#!/usr/bin/env bash
# Everything that only a machine with a GPU can show, into one folder of results.
#
#   tools/gpu_check.sh [--out FOLDER] [--gtest SOURCES] [--json-include FOLDER] [--quick]
#
#   --out FOLDER           where results go (default: gpu_results)
#   --gtest SOURCES        sources of GoogleTest, where it is not installed
#   --json-include FOLDER  folder that holds nlohmann/json.hpp, where it is not installed
#   --quick                leave out compute-sanitizer and the long training
#
# Needs nvcc, CMake, Ninja and g++. What else is missing (oneDNN, JSON, OpenCV, the command line's libraries) is
# left out of the build: see "built without" in the summary. Exit status 1 when a part failed.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

out=gpu_results
quick=0
configure=()
while [ $# -gt 0 ]; do
  case "$1" in
    -h|--help) sed -n '2,12s/^# \{0,1\}//p' "$0"; exit 0 ;;
    --out) out=${2:?--out needs a folder}; shift ;;
    --gtest) configure+=(-DLRCN_GTEST_SOURCE="${2:?--gtest needs a folder}"); shift ;;
    --json-include) configure+=(-DNLOHMANN_INCLUDE_DIR="${2:?--json-include needs a folder}"); shift ;;
    --quick) quick=1 ;;
    *) echo "unknown option: $1 (see tools/gpu_check.sh --help)" >&2; exit 2 ;;
  esac
  shift
done

for program in nvcc cmake ninja g++ nvidia-smi; do
  command -v "$program" > /dev/null || { echo "gpu_check: $program is not on PATH" >&2; exit 1; }
done
nvidia-smi > /dev/null || { echo "gpu_check: the driver finds no GPU" >&2; exit 1; }
mkdir -p "$out"
out=$(cd "$out" && pwd)
build=build/gpu
summary=$out/summary.md
failed=0

{
  echo "# GPU check of lrcn"
  echo
  echo "- Date: $(date -u +%F)"
  echo "- Device: $(nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader | head -1)"
  echo "- nvcc: $(nvcc --version | grep -o 'release.*')"
  echo "- Commit: $(git rev-parse --short HEAD 2> /dev/null || echo unknown)"
  echo
  echo "| part | result | seconds | log |"
  echo "|---|---|---:|---|"
} > "$summary"

# part NAME COMMAND...: runs it with its output in NAME.log and adds a row to the summary.
part() {
  local name=$1 started=$SECONDS result=passed
  shift
  echo "== $name" >&2
  if ! "$@" > "$out/$name.log" 2>&1; then
    result=FAILED
    failed=1
    tail -20 "$out/$name.log" >&2
  fi
  echo "| $name | $result | $((SECONDS - started)) | $name.log |" >> "$summary"
  [ "$result" = passed ]
}

# The command line needs libraries that such a machine may lack.
tools=ON
without=()
for header in opencv4/opencv2/core.hpp jpeglib.h png.h openssl/evp.h CLI/CLI.hpp toml++/toml.h \
    nlohmann/json.hpp; do
  [ -e "/usr/include/$header" ] || { tools=OFF; without+=("${header%%/*}"); }
done

if ! part configure cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DLRCN_CUDA=ON \
    -DCMAKE_CUDA_ARCHITECTURES=native -DLRCN_TOOLS="$tools" "${configure[@]}" ||
   ! part build cmake --build "$build"; then
  exit 1
fi
part tests ctest --test-dir "$build" -R '[Cc]uda|Cudnn|Cublas' --output-on-failure --no-tests=error \
  --output-junit "$out/tests.xml"

if [ "$quick" = 0 ] && command -v compute-sanitizer > /dev/null; then
  for tool in memcheck racecheck initcheck synccheck; do
    part "sanitizer-$tool" compute-sanitizer --tool "$tool" --error-exitcode 1 \
      "$build/tests/kernels_test" --gtest_filter='*Cuda*:*cuda*' --gtest_brief=1
  done
fi

steps=4000
[ "$quick" = 1 ] && steps=300
for precision in f32 tf32 bf16; do
  part "train-shapes-$precision" "$build/tests/train_shapes" --device cuda --precision "$precision" \
    --steps "$steps"
done

for bench in conv matmul lstm loss optimizer vgg16 train-step decode; do
  for precision in f32 tf32 bf16; do
    part "bench-$bench-$precision" "$build/tests/device_bench" "$bench" --device cuda \
      --precision "$precision" --format markdown --json "$out/bench-$bench-$precision.json"
  done
done
if python3 -c 'import torch' 2> /dev/null; then
  for precision in f32 tf32 bf16; do
    part "peer-$precision" python3 tests/bench/torch_peer.py all --device cuda --precision "$precision"
  done
fi

{
  echo
  echo "Built without: ${without[*]:-nothing}."
} >> "$summary"
cat "$summary"
exit "$failed"
