#!/usr/bin/env bash
# Counts the instructions of the loop in which a kernel multiplies, for each kernel of the sources given:
# all between the target of the loop's branch and the branch, and of them the products, the loads from
# shared memory and the asynchronous copies. Needs nvcc (or NVCC) and cuobjdump, and no GPU.
#
#   cmake/loop_table.sh ARCHITECTURE SOURCE...    for example: 90 kernels/cuda/convolution_mma_forward_bf16.cu
set -euo pipefail
cd "$(dirname "$0")/.."

if [ $# -lt 2 ]; then
  sed -n '2,6s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
command -v cuobjdump > /dev/null || { echo "loop_table: needs cuobjdump, of the CUDA toolkit, on PATH" >&2; exit 1; }
architecture=$1
shift
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Lines of instructions, products, loads, copies and name from SASS, for the loop with the most products,
# the shortest one of those.
count_loops() {
  awk '
    function finish(   i, first, most, products_, shortest, best) {
      most = 0
      for (i = 1; i <= count; i++) {
        if (!(i in target) || !(target[i] in at) || at[target[i]] > i) continue
        first = at[target[i]] - 1
        products_ = products[i] - products[first]
        if (products_ > most || (products_ == most && most > 0 && i - first < shortest)) {
          most = products_; shortest = i - first; best = i
        }
      }
      if (most > 0) {
        first = at[target[best]] - 1
        print shortest, most, loads[best] - loads[first], copies[best] - copies[first], name
      }
      count = 0; split("", at); split("", target)
    }
    $1 == "Function" { finish(); name = $3 }
    /^ +\/\*[0-9a-f]+\*\/ / {
      count++
      address = $1
      gsub(/[\/*]/, "", address)
      sub(/^0+/, "", address)
      at["0x" address] = count
      operation = $2 ~ /^@/ ? $3 : $2
      sub(/\..*/, "", operation)
      if (operation == "BRA" && match($0, /0x[0-9a-f]+ ;/)) target[count] = substr($0, RSTART, RLENGTH - 2)
      products[count] = products[count - 1] + (operation ~ /^(HMMA|FFMA)$/)
      loads[count] = loads[count - 1] + (operation ~ /^LDSM?$/)
      copies[count] = copies[count - 1] + (operation == "LDGSTS")
    }
    END { finish() }' |
    c++filt |
    sed -E -e 's/^([0-9 ]+)void /\1/' -e 's/\((\([^()]*\)|[^()])*\)$//' -e 's/lrcn::cuda::|lrcn:://g'
}

printf '%12s %8s %6s %6s  %s\n' instructions products loads copies kernel
for source in "$@"; do
  cmake/compile_kernels.sh "$architecture" "$source" -cubin -o "$folder/code.cubin"
  cuobjdump -sass "$folder/code.cubin" | count_loops | sort -k5 |
    while read -r instructions products loads copies kernel; do
      printf '%12d %8d %6d %6d  %s\n' "$instructions" "$products" "$loads" "$copies" "$kernel"
    done
done
