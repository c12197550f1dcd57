#!/usr/bin/env bash
# Ansible has three notations for n1 to n3, none of them Slurm's n[1-3], and where it meets Slurm's it goes on without those nodes and ends with 0.
# ansible-core 2.14.18 (Debian 12): ansible --list-hosts and ansible-inventory, which ask no node anything.
#   1. n[1-3] in an inventory file makes the whole file unreadable, other groups too: a warning, no hosts, exit code 0.
#   2. n[1-3] given as the inventory itself (-i 'n[1-3],') is one host of that very name; so is Ansible's own n[1:3].
#   3. n[1:3], right in an inventory, is wrong as a pattern: there it means members 1 to 3 of a group called n. workers[0:1] is the first two, both ends counted.
#   4. With a pattern, a name of which nothing is known is a warning and 0 again; only --limit makes an error of it.
# So lists from scontrol must be expanded before Ansible sees them, and the number of hosts must be checked, not the exit code.
# shellcheck source=findings/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
debs ansible-core=2.14.18-0+deb12u2 python3-yaml python3-jinja2 python3-markupsafe python3-packaging python3-resolvelib
hosts() { # hosts ARGUMENT...: the exit code and the hosts
    local code=0 words
    words=$(PYTHONPATH=$root/usr/lib/python3/dist-packages PYTHONDONTWRITEBYTECODE=1 ANSIBLE_LOCAL_TEMP=$work ANSIBLE_HOME=$work/home /usr/bin/python3 -c 'import sys; sys.argv[0] = "ansible"; from ansible.cli.adhoc import main; main()' "$@" --list-hosts 2>errors) || code=$?
    echo "$code:" "$(tail -n +2 <<<"$words" | xargs)"
}
printf '%s\n' '[workers]' 'n[1:3]' '[heads]' head >ansible.ini
printf '%s\n' '[workers]' 'n[1-3]' '[heads]' head >slurm.ini
holds "inventory, n[1:3]" "0: n1 n2 n3 head" "$(hosts -i ansible.ini all)"
holds "inventory, n[1-3]" "0: " "$(hosts -i slurm.ini all)"
holds "inventory, n[1-3], a group without it" "0: " "$(hosts -i slurm.ini heads)"
holds "-i n[1-3]," "0: n[1-3]" "$(hosts -i 'n[1-3],' all)"
holds "-i n[1:3]," "0: n[1:3]" "$(hosts -i 'n[1:3],' all)"
holds "-i n1,n2,n3" "0: n1 n2 n3" "$(hosts -i n1,n2,n3 all)"
holds "pattern n[1:3]" "0: " "$(hosts -i ansible.ini 'n[1:3]')"
holds "pattern n[1-3]" "0: " "$(hosts -i ansible.ini 'n[1-3]')"
holds "pattern workers[0:1]" "0: n1 n2" "$(hosts -i ansible.ini 'workers[0:1]')"
holds "pattern workers[0-1], which the warning calls removed" "0: n1 n2" "$(hosts -i ansible.ini 'workers[0-1]')"
holds "its warning" 1 "$(tr '\n' ' ' <errors | grep -c 'instead of \[x-y\] which has been removed')"
holds "pattern ~n[13]" "0: n1 n3" "$(hosts -i ansible.ini '~n[13]')"
holds "--limit n[1:3]" "1: " "$(hosts -i ansible.ini all --limit 'n[1:3]')"
finish
