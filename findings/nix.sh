# shellcheck shell=bash
# The Nix of two releases of Debian side by side, for findings: 2.8.0 (Debian 12, "root") and 2.26.3 (13, "trixie"). Needs no root. Sourced, not run.
# shellcheck source=findings/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
debs nix-bin=2.8.0-1.1+b1 libarchive13 libboost-context1.74.0 libbrotli1 libcpuid16 libcurl3-gnutls libgc1 libseccomp2 libsodium23 libsqlite3-0 libssl3 libnghttp2-14 librtmp1 libssh2-1 libpsl5 libldap-2.5-0 libsasl2-2 libxml2 libicu72
suite trixie
debs nix-bin=2.26.3+dfsg-1 libacl1 libarchive13t64 libboost-context1.83.0 libbrotli1 libbsd0 libbz2-1.0 libc6 libcom-err2 libcpuid17 libcurl3t64-gnutls libffi8 libgc1 libgcc-s1 libgit2-1.9 libgmp10 libgnutls30t64 libgssapi-krb5-2 libhogweed6t64 \
    libhttp-parser2.9 libidn2-0 libk5crypto3 libkeyutils1 libkrb5-3 libkrb5support0 libldap2 liblowdown2 liblz4-1 liblzma5 libmbedcrypto16 libmbedtls21 libmbedx509-7 libmd0 libnettle8t64 libnghttp2-14 libnghttp3-9 libngtcp2-16 \
    libngtcp2-crypto-gnutls8 libp11-kit0 libpcre2-8-0 libpsl5t64 libreadline8t64 librtmp1 libsasl2-2 libseccomp2 libsodium23 libsqlite3-0 libssh2-1t64 libssl3t64 libstdc++6 libtasn1-6 libtinfo6 libunistring5 libxml2 libxxhash0 libzstd1 \
    zlib1g libicu76
# nix RELEASE ARGUMENT...: that release's Nix, with a store of its own below store-RELEASE, or where NIX_STORE says
nix() {
    local release=$1 libraries=$work/$1/usr/lib/x86_64-linux-gnu run=()
    shift
    [ "$release" = root ] || run=("$libraries/ld-linux-x86-64.so.2" --library-path "$libraries" --argv0 nix)
    HOME=$work/home-$release NIX_STORE_DIR=${NIX_STORE-$work/store-$release/store} NIX_STATE_DIR=$work/store-$release/state NIX_LOG_DIR=$work/store-$release/log NIX_CONFIG=$'build-users-group =\nexperimental-features = nix-command flakes\nsubstitute = false' \
        LD_LIBRARY_PATH=$([ "$release" = root ] && echo "$libraries:$work/root/usr/lib") "${run[@]}" "$work/$release/usr/bin/nix" "$@"
}
mkdir -p home-root home-trixie
