#!/usr/bin/env bash
# Brings the ansible-core of another Debian release, with that release's own Python, into a folder, and prints the path of its ansible-playbook.
# Nothing is installed: packages are unpacked, and their programs find their libraries through their own loader. What they start is this host's.
# usage: tests/ansible-core.sh SUITE FOLDER       SUITE: trixie, sid, ...; a folder that is complete is taken as it is
set -euo pipefail
suite=$1
folder=$(mkdir -p "$2" && cd "$2" && pwd)
exec 9>"$folder/lock"
flock 9
program=$folder/ansible-playbook
if [ ! -x "$program" ]; then
    exec 3>&1 1>&2
    # Where this host's own packages come from. (The dollars are of apt and awk.)
    # shellcheck disable=SC2016
    mirror=$(apt-get indextargets --format '$(SITE) $(ORIGIN)' 'Created-By: Packages' | awk '$2 == "Debian" { print $1; exit }')
    [ -n "$mirror" ] || { echo "this host has no mirror of Debian among its apt sources"; exit 1; }
    mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial" "$folder/root"
    : >"$folder/status"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$folder/sources.list"
    options=(
        -q -o "Dir::State::lists=$folder/lists" -o "Dir::State::status=$folder/status" -o "Dir::Cache=$folder/cache"
        -o "Dir::Etc::sourcelist=$folder/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Acquire::Languages=none
        -o APT::Sandbox::User= -o Debug::NoLocking=true
    )
    apt-get "${options[@]}" update
    apt-get "${options[@]}" install -y --no-install-recommends --download-only ansible-core
    for package in "$folder"/cache/archives/*.deb; do dpkg-deb --extract "$package" "$folder/root"; done
    python=$(find "$folder/root/usr/bin" -name 'python3.[0-9]*' | sort -V | tail -n 1)
    loader=$(find "$folder/root" -name 'ld-linux-x86-64.so.2' | head -n 1)
    library=$(dirname "$(find "$folder/root/usr/lib" -name libc.so.6)")
    {
        echo '#!/bin/sh'
        echo "exec '$loader' --argv0 '$python' --library-path '$library' '$python' '$folder/root/usr/bin/ansible-playbook' \"\$@\""
    } >"$program.new"
    chmod +x "$program.new"
    "$program.new" --version
    rm -rf "$folder/lists" "$folder/cache"
    mv "$program.new" "$program"
    exec 1>&3
fi
echo "$program"
