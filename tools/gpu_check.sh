#!/usr/bin/env bash
# Everything that only a machine with a GPU can show, into one folder of results.
#
#   tools/gpu_check.sh [--out FOLDER] [--build FOLDER] [--gtest SOURCES] [--json-include FOLDER] [--quick]
#
#   --out FOLDER           where results go (default: gpu_results): summary.md, results.json, measurements.json,
#                          and for each part its log
#   --build FOLDER         where it is built (default: build/gpu); what is there already is not built again
#   --gtest SOURCES        sources of GoogleTest, where it is not installed
#   --json-include FOLDER  folder that holds nlohmann/json.hpp, where it is not installed
#   --quick                minutes instead of an hour: no compute-sanitizer, short training, few repetitions
#
# Needs nvcc, CMake, Ninja and g++. What else is missing (oneDNN, JSON, OpenCV, the command line's libraries,
# python3, PyTorch) is left out: see the end of the summary. A part that fails or takes too long does not stop
# the others. Exit status 1 when a part failed, 2 for wrong arguments.
set -uo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
out=$root/gpu_results
build=$root/build/gpu
quick=0
configure=()
while [ $# -gt 0 ]; do
  case "$1" in
    -h|--help) sed -n '2,15s/^# \{0,1\}//p' "$0"; exit 0 ;;
    --out) out=$(realpath -m "${2:?--out needs a folder}"); shift ;;
    --build) build=$(realpath -m "${2:?--build needs a folder}"); shift ;;
    --gtest) configure+=(-DLRCN_GTEST_SOURCE="$(realpath "${2:?--gtest needs a folder}")"); shift ;;
    --json-include) configure+=(-DNLOHMANN_INCLUDE_DIR="$(realpath "${2:?--json-include needs a folder}")"); shift ;;
    --quick) quick=1 ;;
    *) echo "unknown option: $1 (see tools/gpu_check.sh --help)" >&2; exit 2 ;;
  esac
  shift
done
cd "$root" || exit 1

[ -e /usr/local/cuda/bin/nvcc ] && PATH=$PATH:/usr/local/cuda/bin
for program in nvcc cmake ninja g++ nvidia-smi; do
  command -v "$program" > /dev/null || { echo "gpu_check: $program is not on PATH" >&2; exit 1; }
done
nvidia-smi > /dev/null || { echo "gpu_check: the driver finds no GPU" >&2; exit 1; }
mkdir -p "$out"
summary=$out/summary.md
rm -f "$out"/bench-* "$out"/peer-* "$out"/train-* "$out"/results.json "$out"/measurements.json
processors=$(nproc)
failed=0
results=()

# "9.0" of each device becomes "90": CMake's own "native" has to run a program to find out.
architectures=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader 2> /dev/null |
  tr -cd '0-9\n' | sort -nu | paste -sd ';')
# Clocks and temperatures tell what measurements are worth; this also keeps the driver loaded.
nvidia-smi --query-gpu=timestamp,clocks.sm,clocks.mem,temperature.gpu,power.draw,memory.used \
  --format=csv --loop=5 > "$out/clocks.csv" 2> /dev/null &
clocks=$!
trap 'kill "$clocks" 2> /dev/null' EXIT

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

# report NAME RESULT SECONDS: a row of the summary, and one of results.json.
report() {
  [ "$2" = passed ] || failed=1
  echo "| $1 | $2 | $3 | $1.log |" >> "$summary"
  results+=("{\"part\": \"$1\", \"result\": \"$2\", \"seconds\": $3}")
}

# part NAME MINUTES COMMAND...: runs it so long at most, with its output in NAME.log. Standard output goes to
# the file $stdout instead where that is set.
stdout=
part() {
  local name=$1 minutes=$2 started=$SECONDS status
  shift 2
  echo "== $name" >&2
  : > "$out/$name.log"
  timeout --kill-after=20 "${minutes}m" "$@" > "${stdout:-$out/$name.log}" 2> "$out/$name.err"
  status=$?
  cat "$out/$name.err" >> "$out/$name.log"
  rm -f "$out/$name.err"
  case "$status" in
    0) report "$name" passed $((SECONDS - started)) ;;
    124|137) report "$name" "FAILED: more than $minutes minutes" $((SECONDS - started)) ;;
    *) report "$name" "FAILED: status $status" $((SECONDS - started)) ;;
  esac
  [ "$status" = 0 ] || tail -20 "$out/$name.log" >&2
  return "$status"
}

# The command line needs libraries that such a machine may lack.
tools=ON
without=()
for header in opencv4/opencv2/core.hpp jpeglib.h png.h openssl/evp.h CLI/CLI.hpp toml++/toml.h \
    nlohmann/json.hpp; do
  [ -e "/usr/include/$header" ] || { tools=OFF; without+=("${header%%/*}"); }
done
if [ "$quick" = 1 ] && [ "$tools" = ON ]; then
  tools=OFF
  without+=("the command line, for --quick")
fi

part configure 5 cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DLRCN_CUDA=ON \
  "-DCMAKE_CUDA_ARCHITECTURES=${architectures:-native}" -DLRCN_TOOLS="$tools" "${configure[@]}" &&
  part build 60 cmake --build "$build" -- -k 0

# Where the runtime finds no device every test of one would be skipped, and pass.
part device 2 "$build/tests/core_test" --gtest_filter='CudaMemory.*'
if grep -q SKIPPED "$out/device.log" || ! grep -q ' OK ' "$out/device.log"; then
  echo "gpu_check: no test of a device runs: see device.log" >&2
  failed=1
else
  # A process each, so that a kernel that fails takes no other test with it.
  part tests 40 ctest --test-dir "$build" -j $(((processors + 1) / 2)) -R '[Cc]uda|Cudnn|Cublas' -E '^StandIn/' \
    --output-on-failure --no-tests=error --output-junit "$out/tests.xml"

  if [ "$quick" = 0 ] && command -v compute-sanitizer > /dev/null; then
    # The libraries' own kernels are not ours to check, and the launches that tests want refused are no mistakes.
    theirs='*Cudnn*:*Cublas*:*Measured*:*Error*'
    for tool in memcheck racecheck initcheck synccheck; do
      check=(compute-sanitizer --tool "$tool" --error-exitcode 9 --print-limit 50)
      [ "$tool" = memcheck ] && check+=(--report-api-errors no)
      check+=("$build/tests/kernels_test" --gtest_brief=1)
      part "sanitizer-$tool" 20 "${check[@]}" --gtest_filter="*Cuda*:*cuda*-*Lstm*:$theirs"
      # Blocks that wait for each other are slowest under it, and may no longer fit beside each other.
      part "sanitizer-$tool-lstm" 20 "${check[@]}" --gtest_filter="*CudaSmallBlocks*Lstm*-$theirs"
    done
  fi

  steps=4000
  repeat=7
  if [ "$quick" = 1 ]; then
    steps=300
    repeat=3
  fi
  for precision in f32 tf32 bf16; do
    stdout=$out/train-shapes-$precision.json part "train-shapes-$precision" 15 "$build/tests/train_shapes" \
      --device cuda --precision "$precision" --steps "$steps"
  done
  for bench in conv matmul lstm loss optimizer vgg16 caption-step decode; do
    for precision in f32 tf32 bf16; do
      part "bench-$bench-$precision" 10 "$build/tests/device_bench" "$bench" --device cuda --precision "$precision" \
        --repeat "$repeat" --format markdown --json "$out/bench-$bench-$precision.json"
    done
  done
  if python3 -c 'import torch' 2> /dev/null; then
    # Compiled variants take minutes each.
    variants=()
    if [ "$quick" = 1 ]; then
      for variant in eager channels-last native lstm cell; do
        variants+=(--variant "$variant")
      done
    fi
    for precision in f32 tf32 bf16; do
      for bench in vgg16 lstm caption-step decode; do
        stdout=$out/peer-$bench-$precision.jsonl part "peer-$bench-$precision" 20 python3 tests/bench/torch_peer.py \
          "$bench" --device cuda --precision "$precision" --repeat "$repeat" "${variants[@]}"
      done
    done
  else
    without+=("PyTorch for python3")
  fi
fi

command -v compute-sanitizer > /dev/null || without+=(compute-sanitizer)
{
  if [ -e "$out/tests.xml" ]; then
    echo
    echo "Tests: $(grep -o -m1 'tests="[0-9]*"' "$out/tests.xml" | tr -cd 0-9) on the device," \
      "$(grep -c 'status="fail"' "$out/tests.xml") failed," \
      "$(grep -c 'status="notrun"' "$out/tests.xml") skipped (tests.xml)."
    sed -n '/The following tests FAILED/,/^Errors while/s/^\t/- /p' "$out/tests.log"
  fi
  echo
  echo "Without: ${without[*]:-nothing}. $(grep -h -o 'cuDNN O.*' "$out/configure.log" || true)"
  if command -v python3 > /dev/null; then
    python3 tests/device/gpu_summary.py "$out"
  else
    cat "$out"/bench-*.log
  fi
} >> "$summary"
{
  echo '['
  (IFS=$'\n'; printf '%s\n' "${results[*]}" | sed '$!s/$/,/')
  echo ']'
} > "$out/results.json"
cat "$summary"
exit "$failed"
