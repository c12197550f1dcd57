# shellcheck shell=bash
# Packages of another Debian release beside this host's own; to be sourced. Nothing is installed: packages are unpacked, and their programs find
# their libraries through their own loader. What they start is this host's.

# unpack SUITE FOLDER PACKAGE: the package and what it depends on below FOLDER/root; sets loader and library.
unpack() {
    local suite=$1 folder=$2 package=$3 mirror
    # Where this host's own packages come from. (The dollars are of apt and awk.)
    # shellcheck disable=SC2016
    mirror=$(apt-get indextargets --format '$(SITE) $(ORIGIN)' 'Created-By: Packages' | awk '$2 == "Debian" { print $1; exit }')
    [ -n "$mirror" ] || { echo "this host has no mirror of Debian among its apt sources"; exit 1; }
    mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial" "$folder/root"
    : >"$folder/status"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$folder/sources.list"
    local options=(
        -q -o "Dir::State::lists=$folder/lists" -o "Dir::State::status=$folder/status" -o "Dir::Cache=$folder/cache"
        -o "Dir::Etc::sourcelist=$folder/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Acquire::Languages=none
        -o APT::Sandbox::User= -o Debug::NoLocking=true
        # The index of a suite that is never released is good for days; its signature is checked all the same.
        -o Acquire::Check-Valid-Until=false
    )
    apt-get "${options[@]}" update
    apt-get "${options[@]}" install -y --no-install-recommends --download-only "$package"
    local archive
    for archive in "$folder"/cache/archives/*.deb; do dpkg-deb --extract "$archive" "$folder/root"; done
    # shellcheck disable=SC2034 # for who sources this
    loader=$(find "$folder/root" -name 'ld-linux-x86-64.so.2' | head -n 1)
    # shellcheck disable=SC2034 # for who sources this
    library=$(dirname "$(find "$folder/root/usr/lib" -name libc.so.6)")
    rm -rf "$folder/lists" "$folder/cache"
}
