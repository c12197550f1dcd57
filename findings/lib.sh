# shellcheck shell=bash
# What the findings share. A finding installs pinned public packages in a folder of its own, runs them on valid input without Regatta, and fails when what it states has changed.
# Needs Debian 12 with working apt sources (or PyPI, where a finding says so). Sourced, not run.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
failed=0

# debs NAME=VERSION...: unpacks Debian packages below root/, without installing anything.
debs() {
    apt-get -q -o APT::Sandbox::User=root download "$@" >download.log 2>&1 || { cat download.log; echo "these versions are no longer in the suite: look again with what is there now"; exit 2; }
    local deb
    for deb in *.deb; do dpkg -x "$deb" root; done
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
