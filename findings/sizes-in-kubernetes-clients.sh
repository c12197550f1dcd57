#!/usr/bin/env bash
# The clients of Kubernetes add up a job's processors and memory differently from Kubernetes, each in its own way, and what one refuses is a number to the next.
# The clients of the project itself for JavaScript (npm: @kubernetes/client-node 2.0.1, util.quantityToScalar and totalCPU) and Python (30.1.0, Debian 13, utils.parse_quantity), and npm's kubernetes-resource-parser 0.1.0
# beside kubectl 1.32.3 (Debian 13), which reads quantities with the library of the API server. Needs node and npm.
#   1. JavaScript: 1.5Gi ends in "cannot be converted to a BigInt", while 1.5 and 1536Mi are taken: a fraction goes with no unit, or with one below it.
#   2. JavaScript: the processors of a pod with 500m and 1k are 1001: a fraction is rounded as soon as another container has a unit of thousands. With 500m and 2 they are 2.5.
#   3. JavaScript: 4 processors for an init container do not count at all, though the scheduler places the pod by the larger of the two.
#   4. Python takes what the server refuses: 1K is 1000, 1_000Mi is a gigabyte, and Infinity and NaN are quantities.
#   5. kubernetes-resource-parser: 1.5Gi of memory is one byte, 1e9 is one byte, and 128m is not a number, all of which the server takes; 1k of processors is one.
# What the server takes and how it writes it: sizes-in-kubernetes.sh. Before adding up, have the server write the amounts, and use one reader only.
# shellcheck source=findings/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
suite trixie
debs kubectl=1.32.3+ds-2 python3-kubernetes=30.1.0-2
npm install --silent --no-fund --no-audit --ignore-scripts @kubernetes/client-node@2.0.1 kubernetes-resource-parser@0.1.0 >npm.log 2>&1 || { cat npm.log; exit 2; }
cat >read.mjs <<'X'
import * as client from '@kubernetes/client-node/dist/util.js';
import * as parser from 'kubernetes-resource-parser';
const containers = list => list.split(',').filter(cpu => cpu).map(cpu => ({ resources: { requests: { cpu } } }));
const [kind, value, init = ''] = process.argv.slice(2);
try {
    console.log(String({
        client: () => client.quantityToScalar(value),
        memory: () => parser.memoryParser(value),
        cpu: () => parser.cpuParser(value),
        pod: () => client.totalCPU({ spec: { containers: containers(value), initContainers: containers(init) } }).request,
    }[kind]()));
} catch (error) {
    console.log(`refused: ${error.message}`);
}
X
server() { { KUBECONFIG=$work/none "$root/usr/bin/kubectl" create quota q --hard="memory=$1" --dry-run=client -o json 2>&1 || true; } | sed -nE 's/.*"memory": "(.*)".*/\1/p; s/^error: .*/refused/p'; }
javascript() { node read.mjs client "$1"; }
pod() { node read.mjs pod "$@"; }
# The module alone: the rest of the client needs packages that have no part in this.
python() { PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$root/usr/lib/python3/dist-packages/kubernetes/utils python3 -c 'import sys; from quantity import parse_quantity; print(parse_quantity(sys.argv[1]))' "$1"; }

holds "1.5Gi, the server" 1536Mi "$(server 1.5Gi)"
holds "1.5Gi, JavaScript" "refused: Cannot convert 1.5 to a BigInt" "$(javascript 1.5Gi)"
holds "1.5 and 1536Mi and 1500m, JavaScript" "1.5 1610612736 1.5" "$(javascript 1.5) $(javascript 1536Mi) $(javascript 1500m)"
holds "500m and 2 processors, JavaScript" 2.5 "$(pod 500m,2)"
holds "500m and 1k processors, JavaScript" 1001 "$(pod 500m,1k)"
holds "1 processor, 4 for the init container, JavaScript" 1 "$(pod 1 4)"

holds "1K, 1_000Mi, Infinity and NaN, the server" "refused refused refused refused" "$(server 1K) $(server 1_000Mi) $(server Infinity) $(server NaN)"
holds "1K, 1_000Mi, Infinity and NaN, Python" "1000 1048576000 Infinity NaN" "$(python 1K) $(python 1_000Mi) $(python Infinity) $(python NaN)"
holds "1.5Gi, 1e9 and 128m, Python" "1610612736.0 1E+9 0.128" "$(python 1.5Gi) $(python 1e9) $(python 128m)"

holds "1.5Gi, 1e9 and 128m, the server" "1536Mi 1e9 128m" "$(server 1.5Gi) $(server 1e9) $(server 128m)"
holds "1.5Gi, 1e9 and 128m of memory, kubernetes-resource-parser" "1 1 NaN" "$(node read.mjs memory 1.5Gi) $(node read.mjs memory 1e9) $(node read.mjs memory 128m)"
holds "1k processors, kubernetes-resource-parser" 1 "$(node read.mjs cpu 1k)"
finish
