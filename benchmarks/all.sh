#!/usr/bin/env bash
# The speed of the program alone, without clusters, in about five minutes on two cores; compared with the measurement that was kept last.
# usage: benchmarks/all.sh [--program PROGRAM] [--only WORD] [--jobs JOBS] [--against FILE] [--no-keep]       (README.md beside this says more)
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
[[ " $* " == *" --program "* ]] || "$here/../regatta" --version >/dev/null
exec python3 "$here/all.py" "$@"
