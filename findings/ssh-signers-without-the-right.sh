#!/usr/bin/env bash
# ssh-keygen -Y find-principals names people for signatures that do not count: whoever stops there, believes them.
# OpenSSH 9.2 (Debian 12), with its own allowed_signers files.
#   1. A key that is allowed for the namespace "git" alone is named, with exit code 0, for a signature of the namespace "file"; only -Y verify refuses it. One whose time is over is not named.
#   2. A revoked key is named, too: find-principals takes -r and does not look at it.
#   3. A line for "*@example.org" is named as the pattern, and -Y verify -I takes any name that fits, the pattern itself as well: the signature does not say whose it is.
#   4. A key of two people is both people's: two lines, in the order of the file.
#   5. -Y verify says of a revoked key no more than of a wrong signature: the same exit code, no word of the key. An empty file of revoked keys is taken.
# So: take a name from find-principals, then ask -Y verify with it; ask again without -r to tell a revoked key from a bad signature.
# shellcheck source=findings/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
suite bookworm
debs openssh-client=1:9.2p1-2+deb12u10
keygen() { "$root/usr/bin/ssh-keygen" "$@" 2>/dev/null; }
keygen -q -t ed25519 -N '' -f key -C someone
key=$(cut -d ' ' -f 1,2 key.pub)
echo hello >message
keygen -q -Y sign -f key -n file message
# named FILE [OPTION...]: whom find-principals names, and its exit code.
named() { local names code=0; names=$(keygen -Y find-principals -s message.sig -f "$@") || code=$?; echo "${names//$'\n'/ }:$code"; }
# counts FILE NAME [OPTION...]: whether -Y verify takes it.
counts() { local file=$1 name=$2; shift 2; if keygen -Y verify -f "$file" -I "$name" -n file -s message.sig "$@" <message >/dev/null; then echo yes; else echo no; fi; }
echo "ada@example.org namespaces=\"git\" $key" >git-only
holds "named for another namespace" ada@example.org:0 "$(named git-only)"
holds "counts for another namespace" no "$(counts git-only ada@example.org)"
echo "ada@example.org valid-before=\"20200101\" $key" >over
holds "named when its time is over" :255 "$(named over)"
echo "ada@example.org,eve@example.org $key" >two
holds "named when revoked" "ada@example.org eve@example.org:0" "$(named two -r key.pub)"
holds "counts when revoked" no "$(counts two ada@example.org -r key.pub)"
holds "what verify says of a revoked key" "Could not verify signature." "$("$root/usr/bin/ssh-keygen" -Y verify -f two -I ada@example.org -n file -s message.sig -r key.pub <message 2>&1 || true)"
: >nobody
holds "counts with an empty file of revoked keys" yes "$(counts two ada@example.org -r nobody)"
echo "*@example.org $key" >pattern
holds "named by a pattern" "*@example.org:0" "$(named pattern)"
holds "counts for a name that fits the pattern" yes "$(counts pattern nobody@example.org)"
holds "counts for the pattern itself" yes "$(counts pattern '*@example.org')"
finish
