#!/usr/bin/env bash
# Snakemake reads a job's run time and memory by other rules in quotes than without, and by neither Slurm's nor Kubernetes'.
# Snakemake 7.21.0 with humanfriendly 10.0 (Debian 12), snakemake --dry-run, which prints what a job would ask for. It hands runtime to sbatch -t and mem_mb to sbatch --mem.
#   1. runtime=60 is an hour and runtime="60" a minute: a number is in minutes, a text without a unit in seconds.
#   2. "1h30m" and "1:30:00" are refused; it is "90m" or "1.5h". "1M" is a minute.
#   3. mem="1Gi", which is 2^30 where Kubernetes writes it, is 10^9 here as "1G" is; "1GiB" is 2^30. "1024" is a megabyte, as nothing can be less than one.
#   4. The megabyte of mem_mb is 10^6 and sbatch's is 2^20: "1GiB", 1074 of the one, gets 1074 of the other, 5 % more than was asked for.
#   5. mem=1000, a number, gives no mem_mb at all, and so no limit, and mem_mb="2G" is handed on as it stands, where Slurm's rules read it: 2048 of its own megabytes.
# So: numbers in minutes, and mem_mb for what sbatch is to get (slurm-times-and-sizes.sh).
# shellcheck source=findings/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
debs snakemake=7.21.0-1 python3-humanfriendly=10.0-3 python3-appdirs python3-configargparse python3-connection-pool python3-datrie python3-docutils python3-roman python3-git python3-gitdb python3-smmap python3-jinja2 python3-markupsafe \
    python3-jsonschema python3-attr python3-pyrsistent python3-nbformat python3-fastjsonschema python3-traitlets python3-jupyter-core python3-psutil python3-pulp python3-pyparsing python3-requests python3-urllib3 python3-chardet \
    python3-idna python3-certifi python3-retry python3-decorator python3-py python3-smart-open python3-stopit python3-tabulate python3-throttler python3-toposort python3-wrapt python3-yaml python3-pkg-resources python3-ratelimiter \
    python3-packaging libdatrie1
# asks RESOURCE...: what a job with these resources would ask for, or why not.
asks() {
    local words
    printf '%s\n' 'rule job:' '    output: "out"' "    resources: $1" '    shell: "true"' >Snakefile
    words=$(HOME=$work PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$root/usr/lib/python3/dist-packages LD_LIBRARY_PATH=$root/usr/lib/x86_64-linux-gnu /usr/bin/python3 "$root/usr/bin/snakemake" --dry-run --cores 1 2>&1 || true)
    printf '%s\n' "$words" | sed -nE 's/^    resources: tmpdir=[^,]*(, )?//p; s/^(Cannot parse) .*/\1/p'
}
holds 'runtime=60' "runtime=60" "$(asks 'runtime=60')"
holds 'runtime="60"' "runtime=1" "$(asks 'runtime="60"')"
holds 'runtime="90m"' "runtime=90" "$(asks 'runtime="90m"')"
holds 'runtime="1M"' "runtime=1" "$(asks 'runtime="1M"')"
holds 'runtime="1.5h"' "runtime=90" "$(asks 'runtime="1.5h"')"
holds 'runtime="1h30m"' "Cannot parse" "$(asks 'runtime="1h30m"')"
holds 'runtime="1:30:00"' "Cannot parse" "$(asks 'runtime="1:30:00"')"
holds 'mem="1G"' "mem=1G, mem_mb=1000" "$(asks 'mem="1G"')"
holds 'mem="1Gi"' "mem=1Gi, mem_mb=1000" "$(asks 'mem="1Gi"')"
holds 'mem="1GiB"' "mem=1GiB, mem_mb=1074" "$(asks 'mem="1GiB"')"
holds 'mem="1024"' "mem=1024, mem_mb=1" "$(asks 'mem="1024"')"
holds 'mem=1000' "mem=1000" "$(asks 'mem=1000')"
holds 'mem_mb="2G"' "mem_mb=2G" "$(asks 'mem_mb="2G"')"
finish
