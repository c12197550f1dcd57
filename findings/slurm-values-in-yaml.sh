#!/usr/bin/env bash
# A time limit and an array's job id of Slurm, written in YAML without quotes, become numbers for Ansible, and which ones do depends on their digits.
# ansible-core 2.14.18 with PyYAML 6.0 (Debian 12), ansible-core 2.19.11 with PyYAML 6.0.2 (Debian 13); the npm packages js-yaml 5.5.0 and yaml 2.9.1 beside them (needs node and npm).
#   1. 1:30:00 is 5400, which is seconds, and Slurm takes a plain number for minutes: 90 hours. 01:30:00 and 0:30 stay text, 90:00 and 10:30 do not.
#   2. The task 12_3 of an array is the number 123, which is another job. 010 is 8.
#   3. YAML 1.2 has none of this: js-yaml and yaml read them as text (010 as 10); asked for YAML 1.1, yaml makes a number of 01:30:00 too, which PyYAML does not.
# So what goes to Slurm stands in quotes in a playbook, and a test with 01:00:00 or task 0_1 proves nothing.
# shellcheck source=findings/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
values='{limit: 1:30:00, zero: 01:30:00, minutes: 90:00, short: 0:30, days: 1-12:00:00, task: 12_3, node: 010}'
echo "all: {hosts: {n1: $values}}" >inventory.yml
read_by_ansible() {
    PYTHONPATH=$root/usr/lib/python3/dist-packages PYTHONDONTWRITEBYTECODE=1 ANSIBLE_LOCAL_TEMP=$work ANSIBLE_HOME=$work/home /usr/bin/python3 -c 'import sys; sys.argv[0] = "ansible-inventory"; from ansible.cli.inventory import main; main()' \
        -i inventory.yml --host n1 | tr -d '\n' | sed 's/  */ /g; s/{ /{/'
}
seen='{"days": "1-12:00:00", "limit": 5400, "minutes": 5400, "node": 8, "short": "0:30", "task": 123, "zero": "01:30:00"}'
debs ansible-core=2.14.18-0+deb12u2 python3-yaml=6.0-3+b2 python3-jinja2 python3-markupsafe python3-packaging python3-resolvelib
holds "ansible-core 2.14" "$seen" "$(read_by_ansible)"
suite trixie
debs ansible-core=2.19.11-0+deb13u1 python3-yaml=6.0.2-1+b2 python3-jinja2 python3-packaging python3-resolvelib
cp -r root/usr/lib/python3/dist-packages/markupsafe "$root/usr/lib/python3/dist-packages/" # the one of Debian 12's Python
holds "ansible-core 2.19" "$seen" "$(read_by_ansible)"

npm install --silent --no-fund --no-audit --prefix "$work" js-yaml@5.5.0 yaml@2.9.1 >npm.log 2>&1 || { cat npm.log; exit 2; }
read_by() { node --input-type=module -e "import * as js from 'js-yaml'; import * as yaml from 'yaml'; console.log(JSON.stringify(Object.values($1)))" "$values"; }
holds "js-yaml" '["1:30:00","01:30:00","90:00","0:30","1-12:00:00","12_3",10]' "$(read_by 'js.load(process.argv[1])')"
holds "yaml" '["1:30:00","01:30:00","90:00","0:30","1-12:00:00","12_3",10]' "$(read_by 'yaml.parse(process.argv[1])')"
holds "yaml, asked for version 1.1" '[5400,5400,5400,30,"1-12:00:00",123,8]' "$(read_by 'yaml.parse(process.argv[1], { version: "1.1" })')"
finish
