#!/usr/bin/env bash
# Kubernetes takes sizes of memory that nobody can have meant, refuses the usual ones, and prints others than it was given.
# kubectl 1.32.3 (Debian 13), which reads a quantity with the library of the API server: kubectl create quota --dry-run=client, which asks no server.
#   1. 128m of memory is 128 thousandths of a byte, and is taken; so is 1.0001, which becomes 1000100u.
#   2. The thousand is a small k: 1k is taken and 1K is not, while 1M and 1G are capitals. 1GB and 1GiB are refused; it is 1G (10^9) and 1Gi (2^30).
#   3. 1E is 10^18 (exa) and 1e3 is a thousand.
#   4. What comes back is written with the largest unit of its family that gives a whole number: 1024Mi is 1Gi, 1.5G is 1500M, while 1024M and 1000Mi stay.
# Slurm's 1G is 2^30 (see slurm-times-and-sizes.sh): the same letter is 7 % less here. Compare amounts, never texts.
# shellcheck source=findings/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
suite trixie
debs kubectl=1.32.3+ds-2
quantity() { { KUBECONFIG=$work/none "$root/usr/bin/kubectl" create quota q --hard="memory=$1" --dry-run=client -o json 2>&1 || true; } | sed -nE 's/.*"memory": "(.*)".*/\1/p; s/^error: ([a-z]+).*/refused: \1/p'; }
holds 128m 128m "$(quantity 128m)"
holds 1.0001 1000100u "$(quantity 1.0001)"
holds 1k 1k "$(quantity 1k)"
holds 1K "refused: unable" "$(quantity 1K)"
holds 1GB "refused: quantities" "$(quantity 1GB)"
holds 1GiB "refused: quantities" "$(quantity 1GiB)"
holds 1E 1E "$(quantity 1E)"
holds 1000000000G 1E "$(quantity 1000000000G)"
holds 1e3 1e3 "$(quantity 1e3)"
holds 1024Mi 1Gi "$(quantity 1024Mi)"
holds 1.5G 1500M "$(quantity 1.5G)"
holds 1024M 1024M "$(quantity 1024M)"
holds 1000Mi 1000Mi "$(quantity 1000Mi)"
finish
