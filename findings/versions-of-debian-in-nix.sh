#!/usr/bin/env bash
# Nix has a built-in order of versions, and for Debian's versions it is the wrong one.
# Nix 2.8.0 (Debian 12), dpkg's own order beside it: -1 older, 0 equal, 1 newer.
#   1. A pre-release 1.0~rc1 is newer than 1.0 for Nix: it knows "pre", not "~".
#   2. An epoch is a number like any other: 1:1.0 is older than 2.0, while for Debian it is newer than any version without an epoch.
#   3. Dots and hyphens are the same separator: 1.0-1 and 1.0.1 are equal for Nix, so a revision passes for an upstream release.
#   4. The name of a pre-release without "~" is the other way round: 1.0pre1 is older than 1.0 for Nix and newer for Debian.
# So an expression over .deb files must not choose "the newest" with compareVersions, sort or lib.versionOlder; the lock has to hold what dpkg or apt chose.
# shellcheck source=findings/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
debs nix-bin=2.8.0-1.1+b1 libarchive13 libboost-context1.74.0 libbrotli1 libcpuid16 libcurl3-gnutls libgc1 libseccomp2 libsodium23 libsqlite3-0 libssl3 libnghttp2-14 librtmp1 libssh2-1 libpsl5 libldap-2.5-0 libsasl2-2 libxml2 libicu72
nix() { NIX_STORE_DIR=$work/store NIX_STATE_DIR=$work/state NIX_CONFIG='build-users-group =' LD_LIBRARY_PATH=$work/root/usr/lib/x86_64-linux-gnu:$work/root/usr/lib root/usr/bin/nix-instantiate "$@"; }
debian() { if dpkg --compare-versions "$1" lt "$2"; then echo -1; elif dpkg --compare-versions "$1" gt "$2"; then echo 1; else echo 0; fi; }
compare() { # compare VERSION VERSION DEBIAN NIX
    holds "$1 and $2, Debian" "$3" "$(debian "$1" "$2")"
    holds "$1 and $2, Nix" "$4" "$(nix --eval -E "builtins.compareVersions \"$1\" \"$2\"")"
}
compare 1.0~rc1 1.0 -1 1
compare 1:1.0 2.0 1 -1
compare 1.0.1 1.0-1 1 0
compare 1.0pre1 1.0 1 -1
compare 1.0+b1 1.0~b1 1 -1
compare 22.05.8-4+deb12u3 22.05.8-4 1 1
finish
