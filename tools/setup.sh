#!/usr/bin/env bash
# Installs what lrcn needs and this machine lacks (tools/packages.txt), then configures and builds.
#
#   tools/setup.sh PRESET [TARGET...]     for example: tools/setup.sh cpu lrcn
set -euo pipefail
cd "$(dirname "$0")/.."

if [ $# -lt 1 ] || [ "$1" = "-h" ] || [ "$1" = "--help" ]; then
  sed -n '2,4s/^# \{0,1\}//p' "$0"
  echo "Presets: cpu, cuda, asan, emulated, emulated-asan, emulated-tsan, release (CMakePresets.json)"
  [ $# -ge 1 ] && exit 0 || exit 2
fi
preset=$1
shift

missing=()
while read -r package; do
  case "$package" in ''|'#'*) continue ;; esac
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done < tools/packages.txt

if [ ${#missing[@]} -gt 0 ]; then
  echo "Installing: ${missing[*]}" >&2
  as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "Not root and no sudo: install ${missing[*]} first." >&2; exit 1; }
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
fi

[ -f "build/$preset/build.ninja" ] || cmake --preset "$preset" >&2
targets=()
[ $# -gt 0 ] && targets=(--target "$@")
cmake --build "build/$preset" "${targets[@]}" >&2
