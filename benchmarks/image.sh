#!/usr/bin/env bash
# How long an image takes: from nothing with all downloads into an empty Nix store, and again when nothing changed.
# usage: benchmarks/image.sh [IMAGE]        as root; the host's own Nix store is neither used nor touched
set -euo pipefail
image=${1:-slurm}
here=$(cd "$(dirname "$0")/.." && pwd)
"$here/regatta" --version >/dev/null

scratch=$(mktemp -d "${TMPDIR:-/var/tmp}/regatta-image.XXXXXX")
trap 'chmod -R u+w "$scratch"; rm -rf "$scratch"' EXIT
mkdir -p "$scratch/nix" "$scratch/home" /nix
# An installation of its own, so that nothing is remembered from an earlier build.
for part in conf ansible images; do cp -r "$here/$part" "$scratch/home/$part"; done

echo "processors: $(nproc), load: $(cut -d' ' -f1-3 /proc/loadavg), $(nix --version)"
export REGATTA_HOME="$scratch/home" program="$here/regatta" image scratch
# The empty store is seen inside this mount namespace only.
# shellcheck disable=SC2016 # of the inner shell
unshare -m --propagation private bash -euc '
  mount --bind "$scratch/nix" /nix
  milliseconds() { echo $(($(date +%s%N) / 1000000)); }
  measure() { begin=$(milliseconds); "$program" image build "$image" >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }; printf "%-32s %8d ms\n" "$1" $(($(milliseconds) - begin)); }
  measure "from nothing, with downloads"
  grep -E "fetched|building" "$scratch/log" | sed "s/^/    /"
  for run in 1 2 3 4 5; do measure "unchanged, run $run"; done
  rm -rf "$REGATTA_HOME/artifacts/images"
  measure "in the store, nothing remembered"
'
