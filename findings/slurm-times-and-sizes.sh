#!/usr/bin/env bash
# A plain number is minutes to one option of sbatch and seconds to another, "no limit" is written 0 and -1, and units of memory are binary only while their name is decimal.
# Slurm 24.11.5 (Debian 13); 22.05.8 and 26.05.5 gave the same.
#   1. -t 60 is an hour, --begin=now+60 is a minute away. Seconds of -t are rounded up to minutes: 1:30 is 2 minutes.
#   2. -t 0 and -t -1 are no limit at all, not a mistake. A suffix (90m, 1d) is refused, with exit code 255 where other refusals have 1.
#   3. --mem=1GB is 1024 MiB and 1GiB is refused; kilobytes are rounded up to whole megabytes; 0 is all memory of the node.
# So a limit that was left at 0, or computed as -1, must not be handed on, and limits below a minute cannot be had.
# shellcheck source=findings/slurm.sh
. "$(dirname "$(readlink -f "$0")")/slurm.sh"
slurm trixie 24.11.5-4+deb13u1
held() { local words; words=$(submit -H --wrap true "$@"); case $words in Submitted*) in_slurm scontrol show job "${words##* }" ;; *) echo "$words" ;; esac; }
limit() { held -t "$1" | sed -nE 's/.*TimeLimit=([^ ]*).*/\1/p; /\(/{/=/!p}'; }
memory() { held --mem "$1" | sed -nE 's/.*MinMemoryNode=([^ ]*).*/\1/p; /\(/{/=/!p}'; }

holds "-t 60" 01:00:00 "$(limit 60)"
holds "--begin=now+60, in s after the submission" 60 "$(held --begin=now+60 | sed -nE 's/.*SubmitTime=([^ ]*) EligibleTime=([^ ]*).*/\1 \2/p' | { read -r submitted eligible; echo $(($(date -d "$eligible" +%s) - $(date -d "$submitted" +%s))); })"
holds "-t 0:01" 00:01:00 "$(limit 0:01)"
holds "-t 1:30" 00:02:00 "$(limit 1:30)"
holds "-t 1-12" 1-12:00:00 "$(limit 1-12)"
holds "-t 0" UNLIMITED "$(limit 0)"
holds "-t -1" UNLIMITED "$(limit -1)"
holds "-t 90m" "Invalid --time specification (255)" "$(limit 90m)"

holds "--mem=1GB" 1G "$(memory 1GB)"
holds "--mem=1024" 1G "$(memory 1024)"
holds "--mem=1GiB" "Invalid --mem specification (255)" "$(memory 1GiB)"
holds "--mem=0.5G" "Invalid --mem specification (255)" "$(memory 0.5G)"
holds "--mem=1500K" 2M "$(memory 1500K)"
holds "--mem=0" "mem=1000M" "$(held --mem=0 | sed -nE 's/.*ReqTRES=.*(mem=[^,]*).*/\1/p')"
finish
