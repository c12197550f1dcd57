#!/bin/sh
# Builds the clock into a directory: the library that programs preload, and the governor. Needs a C compiler.
set -eu
source=$(cd "$(dirname "$0")" && pwd)
output=${1:?a directory}
flags="-std=gnu11 -O2 -g0 -Wall -Wextra -Werror -fno-strict-aliasing -pthread"
mkdir -p "$output"
output=$(cd "$output" && pwd)
cd "$source"
# shellcheck disable=SC2086
"${CC:-cc}" $flags -fPIC -shared -fvisibility=hidden -fexceptions -D_GNU_SOURCE slots.c agent.c times.c sleeps.c conditions.c timers.c -Wl,-soname,regatta-clock.so -Wl,-z,now -Wl,-z,nodelete -o "$output/regatta-clock.so.new" -ldl
# shellcheck disable=SC2086
"${CC:-cc}" $flags -D_GNU_SOURCE main.c govern.c firing.c busy.c escapes.c probe.c -o "$output/regatta-clock.new" -lrt
mv "$output/regatta-clock.so.new" "$output/regatta-clock.so"
mv "$output/regatta-clock.new" "$output/regatta-clock"
# As the playbooks hand them to a node.
for part in regatta-clock regatta-clock.so; do base64 -w 0 "$output/$part" >"$output/$part.b64"; done
