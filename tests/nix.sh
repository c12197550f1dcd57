#!/usr/bin/env bash
# Brings the Nix of another Debian release into a folder, and prints the folder of its programs, to be put first in PATH.
# usage: tests/nix.sh SUITE FOLDER       SUITE: trixie, sid, ...; a folder that is complete is taken as it is
set -euo pipefail
# shellcheck source=tests/unpacked.sh
source "$(dirname "$0")/unpacked.sh"
folder=$(mkdir -p "$2" && cd "$2" && pwd)
exec 9>"$folder/lock"
flock 9
if [ ! -d "$folder/bin" ]; then
    exec 3>&1 1>&2
    unpack "$1" "$folder" nix-bin
    mkdir -p "$folder/bin.new"
    # One program under several names. It has no other machine to build on, which it would ask the host's Nix about.
    for name in nix nix-build nix-instantiate nix-store; do
        cat >"$folder/bin.new/$name" <<PROGRAM
#!/bin/sh
export NIX_CONFIG="\${NIX_CONFIG:-}
build-hook ="
exec '$loader' --argv0 '$name' --library-path '$library' '$folder/root/usr/bin/nix' "\$@"
PROGRAM
        chmod +x "$folder/bin.new/$name"
    done
    "$folder/bin.new/nix" --version
    mv "$folder/bin.new" "$folder/bin"
    exec 1>&3
fi
echo "$folder/bin"
