#!/usr/bin/env bash
# A lock file of a flake that takes another one from its own folder belongs to one Debian release: the Nix of each refuses, or rewrites, that of the other, and both say "version": 7.
# Nix 2.8.0 (Debian 12), 2.26.3 (13). The manual calls 7 the format's version, and a lock what makes an evaluation the same elsewhere; nothing is fetched here.
#   1. inputs.sub.url = "path:./sub" works with both, as long as there is no lock.
#   2. 2.8.0 locks it by a hash; 2.26.3 without one, for it is a part of the flake by then, and writes "parent": [] beside it.
#   3. 2.8.0 refuses the lock of 2.26.3: "lockfile contains mutable lock".
#   4. 2.26.3 writes that of 2.8.0 anew, in place, and with --no-update-lock-file, which is for those who check, refuses it.
# So a repository that is built with both has no lock for such inputs, or imports the folder (import ./sub) instead of taking it for a flake.
# shellcheck source=findings/nix.sh
. "$(dirname "$(readlink -f "$0")")/nix.sh"
# read_by RELEASE LOCK [OPTION...]: what the flake gives with this lock, and whether the lock is still the same
read_by() {
    local release=$1 lock=$2 words
    shift 2
    cp "$lock" flake/flake.lock
    words=$(nix "$release" eval --json "path:$work/flake#x" "$@" 2>messages) || words=$(tail -n 3 messages | grep -oE 'mutable lock|requires lock file changes')
    echo "$words, $(if cmp -s "$lock" flake/flake.lock; then echo same; else echo rewritten; fi)"
}
mkdir -p flake/sub
echo '{ inputs.sub.url = "path:./sub"; outputs = { self, sub }: { x = sub.y + 1; }; }' >flake/flake.nix
echo '{ outputs = { self }: { y = 41; }; }' >flake/sub/flake.nix
holds "2.8.0, without a lock" 42 "$(nix root eval --json "path:$work/flake#x" 2>messages)"
mv flake/flake.lock old.lock
holds "2.26.3, without a lock" 42 "$(nix trixie eval --json "path:$work/flake#x" 2>messages)"
mv flake/flake.lock new.lock
field() { python3 -c 'import json, sys; lock = json.load(open(sys.argv[1])); print(lock["version"], *sorted(lock["nodes"]["sub"]["locked"]), "parent" in lock["nodes"]["sub"])' "$1"; }
holds "2.8.0's lock: version, fields, has it a parent" "7 lastModified narHash path type False" "$(field old.lock)"
holds "2.26.3's lock" "7 path type True" "$(field new.lock)"
holds "2.8.0 reads its own" "42, same" "$(read_by root old.lock)"
holds "2.8.0 reads that of 2.26.3" "mutable lock, same" "$(read_by root new.lock)"
holds "2.26.3 reads its own" "42, same" "$(read_by trixie new.lock)"
holds "2.26.3 reads that of 2.8.0" "42, rewritten" "$(read_by trixie old.lock)"
holds "2.26.3 may not change that of 2.8.0" "requires lock file changes, same" "$(read_by trixie old.lock --no-update-lock-file)"
finish
