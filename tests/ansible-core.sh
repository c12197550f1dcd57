#!/usr/bin/env bash
# Brings the ansible-core of another Debian release, with that release's own Python, into a folder, and prints the path of its ansible-playbook.
# usage: tests/ansible-core.sh SUITE FOLDER       SUITE: trixie, sid, ...; a folder that is complete is taken as it is
set -euo pipefail
# shellcheck source=tests/unpacked.sh
source "$(dirname "$0")/unpacked.sh"
folder=$(mkdir -p "$2" && cd "$2" && pwd)
exec 9>"$folder/lock"
flock 9
program=$folder/ansible-playbook
if [ ! -x "$program" ]; then
    exec 3>&1 1>&2
    unpack "$1" "$folder" ansible-core
    python=$(find "$folder/root/usr/bin" -name 'python3.[0-9]*' | sort -V | tail -n 1)
    {
        echo '#!/bin/sh'
        echo "exec '$loader' --argv0 '$python' --library-path '$library' '$python' '$folder/root/usr/bin/ansible-playbook' \"\$@\""
    } >"$program.new"
    chmod +x "$program.new"
    "$program.new" --version
    mv "$program.new" "$program"
    exec 1>&3
fi
echo "$program"
