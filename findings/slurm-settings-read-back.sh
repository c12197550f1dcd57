#!/usr/bin/env bash
# slurmctld takes every line of a configuration and then shows another one.
# Slurm 22.05.8 (Debian 12), 24.11.5 (13), 26.05.5 (sid): scontrol show config.
#   1. x/none, and none for MpiDefault, read back as they were set in 22.05, and as (null), as if nobody had set them, in 24.11 and 26.05 (auth/none stays auth/none).
#   2. PriorityDecayHalfLife and PriorityCalcPeriod below a minute become a minute, without a word in the log; a plain number is minutes.
#   3. Names of flags come in capitals, a number of seconds as "N sec", and since 24.11 the first Epilog is called Epilog[0].
# So a check that its settings are in force must compare meanings, and nobody can scale a site's decay of priorities to seconds.
# shellcheck source=findings/slurm.sh
. "$(dirname "$(readlink -f "$0")")/slurm.sh"
look() { # look RELEASE VERSION NONE EPILOG
    slurm "$1" "$2" PriorityType=priority/multifactor PriorityDecayHalfLife=00:00:30 PriorityCalcPeriod=00:00:10 PriorityMaxAge=90 JobCompType=jobcomp/none PreemptType=preempt/none
    configuration=$(in_slurm scontrol show config)
    holds "$1: JobCompType=jobcomp/none" "${3:-jobcomp/none}" "$(value JobCompType)"
    holds "$1: PreemptType=preempt/none" "${3:-preempt/none}" "$(value PreemptType)"
    holds "$1: TaskPlugin=task/none" "${3:-task/none}" "$(value TaskPlugin)"
    holds "$1: MpiDefault=none" "${3:-none}" "$(value MpiDefault)"
    holds "$1: AuthType=auth/none" auth/none "$(value AuthType)"
    holds "$1: PriorityDecayHalfLife=00:00:30" 00:01:00 "$(value PriorityDecayHalfLife)"
    holds "$1: PriorityCalcPeriod=00:00:10" 00:01:00 "$(value PriorityCalcPeriod)"
    holds "$1: PriorityMaxAge=90" 01:30:00 "$(value PriorityMaxAge)"
    holds "$1: lines of the log about them" 0 "$(grep -cE 'HalfLife|CalcPeriod' "$root/var/log/slurmctld.log" || true)"
    holds "$1: SelectTypeParameters=CR_Core_Memory" CR_CORE_MEMORY "$(value SelectTypeParameters)"
    holds "$1: MessageTimeout" "10 sec" "$(value MessageTimeout)"
    holds "$1: Epilog=/bin/true" "$4" "$(sed -nE 's/^(Epilog[^A-Za-z ]*) +=.*/\1/p' <<<"$configuration")"
}
value() { sed -nE "s/^$1 += (.*[^ ]) *$/\1/p" <<<"$configuration"; }
look bookworm 22.05.8-4+deb12u3 "" Epilog
look trixie 24.11.5-4+deb13u1 "(null)" "Epilog[0]"
look sid 26.05.5-1 "(null)" "Epilog[0]"
finish
