#!/usr/bin/env bash
# Trains a captioner on pictures of coloured shapes, captions pictures with combinations it has never seen,
# scores the captions and writes one HTML page.
#
#   tools/demo.sh [FOLDER]     default: demo
#
# Installs what is missing and builds first. What is there already is not done again; remove FOLDER to start
# over.
set -euo pipefail
cd "$(dirname "$0")/.."
case "${1:-}" in
  -h|--help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
  -*) echo "unknown option: $1 (see tools/demo.sh --help)" >&2; exit 2 ;;
esac
demo=${1:-demo}

tools/setup.sh cpu lrcn
lrcn=build/cpu/lrcn
started=$SECONDS

if [ ! -f "$demo/data/captions_test.json" ]; then
  "$lrcn" data shapes "$demo/data" >&2
fi

model=$demo/run/last
if [ ! -f "$demo/run/finished" ]; then
  sets=()
  for part in train val; do
    sets+=(--set "data.$part.captions=$demo/data/captions_$part.json"
           --set "data.$part.images=$demo/data")
  done
  "$lrcn" train tools/configs/shapes.toml "${sets[@]}" --out "$demo/run" --resume
  touch "$demo/run/finished"
fi

if [ ! -f "$demo/results.json" ] || [ "$demo/run/finished" -nt "$demo/results.json" ]; then
  "$lrcn" caption --model "$model" --coco "$demo/data/captions_test.json" --images "$demo/data" \
    --batch 50 --results "$demo/results.json" > "$demo/captions.txt"
fi
"$lrcn" eval captions --references "$demo/data/captions_test.json" \
  --results "$demo/results.json" --exact
if [ ! -f "$demo/report.html" ] || [ "$demo/results.json" -nt "$demo/report.html" ]; then
  "$lrcn" eval report --run "$demo/run" --references "$demo/data/captions_test.json" \
    --results "$demo/results.json" --images "$demo/data" --output "$demo/report.html"
fi
echo "Done in $((SECONDS - started)) s. Open $demo/report.html in a browser." >&2
