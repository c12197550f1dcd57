#!/bin/sh
# The program of a release, wherever it was unpacked.
if ! /sbin/ldconfig -p 2>/dev/null | grep -q 'libssl\.so\.3'; then
    echo "error: the library libssl3 is needed for checksums, and is not on this host" >&2
    echo "  help: apt install libssl3" >&2
    exit 3
fi
exec "$(dirname "$(readlink -f "$0")")/lib/regatta" "$@"
