# shellcheck shell=bash
# What the findings share. A finding installs pinned public packages in a folder of its own, runs them on valid input without Regatta, and fails when what it states has changed.
# Needs Debian 12 with working apt sources (or the npm registry, where a finding says so). Sourced, not run.
set -euo pipefail
work=$(mktemp -d)
keepers=() # processes that are ended with the finding
clean_up() {
    local process
    for process in "${keepers[@]}"; do { kill -KILL "$process" && wait "$process"; } 2>/dev/null || true; done
    rm -rf --one-file-system "$work"
}
trap clean_up EXIT
cd "$work"
root=root
failed=0

# suite NAME: debs takes packages from this suite of Debian from now on, at the mirror that the host itself uses, and unpacks them below NAME/.
# A suite that is not released moves on: its indices are taken even when they have expired, and a version that has gone ends the finding with 2.
suite() {
    local mirror folder=$work/apt-$1
    # shellcheck disable=SC2016 # apt's own variable
    mirror=$(env -u APT_CONFIG apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Component: main' 'Label: Debian' | head -n 1)
    mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial"
    touch "$folder/status"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg check-valid-until=no] $mirror $1 main" >"$folder/sources.list"
    printf '%s;\n' "Dir::State \"$folder\"" "Dir::State::status \"$folder/status\"" "Dir::Cache \"$folder/cache\"" "Dir::Etc::sourcelist \"$folder/sources.list\"" 'Dir::Etc::sourceparts "-"' \
        'Acquire::Languages "none"' 'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false"' 'APT::Sandbox::User "root"' >"$folder/apt.conf"
    export APT_CONFIG=$folder/apt.conf
    root=$1
    apt-get -q update >update.log 2>&1 || { cat update.log; exit 2; }
}

# debs NAME=VERSION...: unpacks Debian packages below root/ (or the suite's folder), without installing anything.
debs() {
    apt-get -q -o APT::Sandbox::User=root download "$@" >download.log 2>&1 || { cat download.log; echo "these versions are no longer in the suite: look again with what is there now"; exit 2; }
    local deb
    for deb in *.deb; do dpkg -x "$deb" "$root"; done
    rm -f ./*.deb
}

# holds WHAT EXPECTED ACTUAL: one statement of the finding.
holds() {
    if [ "$2" = "$3" ]; then
        printf 'holds    %s: %s\n' "$1" "$3"
    else
        printf 'CHANGED  %s\n  stated: %s\n  seen:   %s\n' "$1" "$2" "$3"
        failed=1
    fi
}

finish() { exit "$failed"; }
