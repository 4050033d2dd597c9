#!/usr/bin/env bash
# Compiles all CUDA kernels, for sm_80, sm_90 and sm_90a or the architectures given as arguments, and prints
# what each of them needs: registers of a thread, bytes of static shared memory of a block, bytes
# spilled by a thread. Fails when one of them spills. Needs nvcc (or NVCC), and no GPU.
set -euo pipefail
cd "$(dirname "$0")/.."

architectures=("$@")
if [ ${#architectures[@]} -eq 0 ]; then
  architectures=(80 90 90a)
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# The output of ptxas for one source and architecture, in the folder. Code for the host is compiled
# only with the first one: it is the same for all.
compile() {
  local folder=$1 first=$2 source=$3 architecture=$4
  local output what=-cubin
  [ "$architecture" != "$first" ] || what=-c
  output=$folder/$(basename "$source" .cu)_$architecture
  if ! cmake/compile_kernels.sh "$architecture" "$source" -Xptxas -v "$what" -o "$output.o" \
    > "$output.ptxas" 2>&1; then
    cat "$output.ptxas" >&2
    echo "kernel_table: $source does not compile for sm_$architecture" >&2
    exit 255  # xargs starts no other
  fi
  rm "$output.o"
}
export -f compile

# Lines of architecture, registers, shared memory, spills and name from the output of ptxas.
read_ptxas() {
  c++filt | sed -nE \
    -e "s/^ptxas info.*Compiling entry function '(.*)' for '(sm_[0-9a-z]+)'.*/entry \2 \1/p" \
    -e 's/^ +[0-9]+ bytes stack frame, ([0-9]+) bytes spill stores, ([0-9]+) bytes spill loads.*/spill \1 \2/p' \
    -e 's/^ptxas info.*Used ([0-9]+) registers(.* ([0-9]+) bytes smem)?.*/used \1 \3/p' |
    awk '$1 == "entry" { architecture = $2; sub(/^entry [^ ]+ (void )?/, ""); name = $0 }
         $1 == "spill" { spill = $2 + $3 }
         $1 == "used" { printf "%s %d %d %d %s\n", architecture, $2, $3, spill, name }' |
    sed -E -e 's/\((\([^()]*\)|[^()])*\)$//' -e 's/lrcn::cuda::|\(anonymous namespace\):://g'
}

for source in kernels/cuda/*.cu; do
  printf '%s\n' "${architectures[@]/#/$source }"
done | xargs -P "$(nproc)" -L 1 bash -c 'compile "$@"' compile "$folder" "${architectures[0]}"

spills=0
printf '%-7s %9s %6s %6s  %s\n' arch registers shared spill kernel
for output in "$folder"/*.ptxas; do
  while read -r architecture registers shared spill kernel; do
    printf '%-7s %9d %6d %6d  %s\n' "$architecture" "$registers" "$shared" "$spill" "$kernel"
    if [ "$spill" -gt 0 ]; then
      spills=$((spills + 1))
    fi
  done < <(read_ptxas < "$output" | sort)
done
if [ "$spills" -gt 0 ]; then
  echo "kernel_table: $spills kernels spill registers" >&2
  exit 1
fi
