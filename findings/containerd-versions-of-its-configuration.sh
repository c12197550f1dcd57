#!/usr/bin/env bash
# A configuration of containerd that lacks its version line, or has the next one, is read without an error and does nothing.
# containerd 1.6.20 (Debian 12), 1.7.24 (13), 2.1.9 (sid): containerd -c FILE config dump, which shows what is in force and ends with 0 each time that something is said below.
#   1. A file without "version" is version 1 to all of them: the CRI plugin's part is passed over, SystemdCgroup stays false. 1.6 and 1.7 warn of the old version only, not of the part.
#   2. With "version = 2" all three take it, 2.1.9 too: it turns the part into its own form.
#   3. With "version = 3" and version 2's name of the plugin, 1.6.20, which writes version 2 itself, takes it; 1.7.24 refuses; 2.1.9, whose version it is, passes it over with a warning.
# So a file for several releases says version 2, and a node's cgroup driver is checked with config dump, not by the file.
# shellcheck source=findings/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
part='[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  SystemdCgroup = true'
echo "$part" >none.toml
printf 'version = 2\n%s\n' "$part" >two.toml
printf 'version = 3\n%s\n' "$part" >three.toml
# shellcheck disable=SC2094 # the dump is a word, not the file
driver() { if "$root/usr/bin/containerd" -c "$1.toml" config dump 2>messages >dump.toml; then sed -nE 's/.*SystemdCgroup = //p' dump.toml; else sed -nE 's/^containerd: //p' messages; fi; }
about() { grep -c "$1" messages || true; }

debs containerd=1.6.20~ds1-1+deb12u3
holds "1.6.20, no version" false "$(driver none)"
holds "1.6.20, messages about the old version, about the plugin" "1 0" "$(driver none >unused; about 'version .1. has been deprecated') $(about cri)"
holds "1.6.20, version 2" true "$(driver two)"
holds "1.6.20, version 3" true "$(driver three)"
suite trixie
debs containerd=1.7.24~ds1-6+deb13u1
holds "1.7.24, no version" false "$(driver none)"
holds "1.7.24, messages about the old version, about the plugin" "1 0" "$(driver none >unused; about 'version .1. has been deprecated') $(about cri)"
holds "1.7.24, version 2" true "$(driver two)"
holds "1.7.24, version 3" "failed to load TOML from three.toml: unsupported config version 3" "$(driver three | tr -d '`')"
suite sid
debs containerd=2.1.9+ds1-5
holds "2.1.9, no version" false "$(driver none)"
holds "2.1.9, version 2" true "$(driver two)"
holds "2.1.9, version 3" false "$(driver three)"
holds "2.1.9, what it says" "Ignoring unknown key in TOML for plugin" "$(driver three >unused; grep -om 1 'Ignoring unknown key in TOML for plugin' messages)"
finish
