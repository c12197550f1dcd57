#!/usr/bin/env bash
# Submission and binding of batch/v1 Jobs: by hand over 8 kept connections, and through the agent, in turn on the same cluster.
# usage: benchmarks/kubernetes.sh [JOBS] [ROUNDS]        (500, 2) on the head, or anywhere the API server and its audit log can be reached
# AGENT, KUBECONFIG, AUDIT, NAMESPACE and STAMPS say where things are. The cluster's nodes are emulated (regatta-agent emulate-nodes), so that only the control plane is measured.
set -euo pipefail
jobs=${1:-500} rounds=${2:-2}
export AGENT=${AGENT:-/usr/local/lib/regatta/regatta-agent} KUBECONFIG=${KUBECONFIG:-/var/lib/regatta/kubeconfig} AUDIT=${AUDIT:-/var/log/kubernetes/audit.log}
export CONNECTIONS=${CONNECTIONS:-8} NAMESPACE=${NAMESPACE:-regatta} STAMPS=${STAMPS:-/tmp/regatta-benchmark/stamps.jsonl}
exec python3 - "$jobs" "$rounds" <<'P'
import base64, datetime, http.client, json, os, shutil, ssl, statistics, subprocess, sys, tempfile, threading, time, urllib.parse

jobs, rounds = int(sys.argv[1]), int(sys.argv[2])
env = os.environ
scratch = tempfile.mkdtemp()
config = json.loads(subprocess.check_output(["kubectl", "config", "view", "--raw", "--minify", "-o", "json"]))
cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
pem = os.path.join(scratch, "client.pem")
with open(os.open(pem, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as f:
    f.write(base64.b64decode(user["client-certificate-data"]) + base64.b64decode(user["client-key-data"]))
tls = ssl.create_default_context(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
tls.load_cert_chain(pem)
server = urllib.parse.urlparse(cluster["server"])

def manifest(trial, i):
    """The very job that the agent submits, by another name."""
    labels = {"regatta/trial": trial, "regatta/job": str(i)}
    spec = json.loads(json.dumps(template))
    spec["template"]["metadata"]["labels"] = labels
    command = spec["template"]["spec"]["containers"][0]["command"]
    command[command.index("--job") + 1] = str(i)
    return json.dumps({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": f"regatta-{trial}-{i}", "labels": labels}, "spec": spec})

def ask(method, path):
    connection = http.client.HTTPSConnection(server.hostname, server.port, context=tls)
    connection.request(method, path)
    answer = connection.getresponse()
    if answer.status != 200: sys.exit(f"{path}: {answer.status}")
    return json.load(answer)

def by_hand(trial):
    numbers, lock, failed = iter(range(1, jobs + 1)), threading.Lock(), []
    def work():
        connection = http.client.HTTPSConnection(server.hostname, server.port, context=tls)
        while True:
            with lock:
                i = next(numbers, None)
            if i is None: return
            connection.request("POST", f"/apis/batch/v1/namespaces/{env['NAMESPACE']}/jobs", manifest(trial, i), {"Content-Type": "application/json"})
            answer = connection.getresponse(); answer.read()
            if answer.status != 201: failed.append(answer.status)
    threads = [threading.Thread(target=work) for _ in range(8)]
    begin = time.time()
    for t in threads: t.start()
    for t in threads: t.join()
    if failed: sys.exit(f"refused: {failed[:3]}")
    return jobs / (time.time() - begin)

def by_agent(trial, jobs):
    header = {"version": 1, "trial": trial, "scheduler": "kubernetes", "jobs": jobs, "startDelay": "00:00:01", "drainTimeout": "00:10:00", "connections": int(env["CONNECTIONS"]),
              "options": {"kubeconfig": env["KUBECONFIG"], "audit": env["AUDIT"], "namespace": env["NAMESPACE"], "stamps": env["STAMPS"], "payload": env["AGENT"], "emulated": "true"}}
    lines = [header] + [{"id": i, "submit": "00:00:00", "processors": 1, "runTime": "00:00:01", "user": -1, "group": -1, "queue": -1} for i in range(1, jobs + 1)]
    out = subprocess.run([env["AGENT"], "replay", "--directory", os.path.join(scratch, trial)], input="\n".join(map(json.dumps, lines)).encode() + b"\n", stdout=subprocess.PIPE, check=True).stdout
    events = [json.loads(l) for l in out.splitlines()]
    sent = min(e["time"] for e in events if e["kind"] == "Sent")
    summary = json.load(open(os.path.join(scratch, trial, "summary.json")))
    return jobs / ((max(e["time"] for e in events if e["kind"] == "Accepted") - sent) / 1e6), summary

def bindings(trial, jobs):
    """Bindings a second of a trial, and jobs a second from the first creation to the last binding, from the audit log, once all are there; then waits until all its jobs have ended."""
    while True:
        stamps, created = [], []
        with open(env["AUDIT"]) as log:
            for line in log:
                if f"regatta-{trial}-" not in line: continue
                (stamps if '"binding"' in line else created).append(datetime.datetime.fromisoformat(json.loads(line)["requestReceivedTimestamp"].replace("Z", "+00:00")).timestamp())
        if len(stamps) >= jobs: break
        time.sleep(1)
    base, own = f"/apis/batch/v1/namespaces/{env['NAMESPACE']}/jobs", urllib.parse.quote(f"regatta/trial={trial}")
    while sum(job["status"].get("succeeded", 0) for job in ask("GET", f"{base}?labelSelector={own}")["items"]) < jobs: time.sleep(1)
    ask("DELETE", f"{base}?labelSelector={own}&propagationPolicy=Background")
    while ask("GET", f"/api/v1/namespaces/{env['NAMESPACE']}/pods?labelSelector={own}&limit=1")["items"]: time.sleep(1)
    if jobs == 1: return None
    return (len(stamps) - 1) / (max(stamps) - min(stamps)), jobs / (max(stamps) - min(created))

os.makedirs(os.path.dirname(env["STAMPS"]), exist_ok=True)
run = f"b{int(time.time())}"
print(f"{jobs} jobs, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
by_agent(f"{run}t", 1)
template = ask("GET", f"/apis/batch/v1/namespaces/{env['NAMESPACE']}/jobs/regatta-{run}t-1")["spec"]
del template["selector"]
bindings(f"{run}t", 1)
means = {"hand": [], "agent": []}
for round in range(1, rounds + 1):
    # Whoever comes second finds a server with a longer history.
    for side in ("hand", "agent") if round % 2 else ("agent", "hand"):
        trial = f"{run}{side[0]}{round}"
        if side == "hand":
            rate, more = by_hand(trial), ""
        else:
            rate, summary = by_agent(trial, jobs)
            more = f"   agent {summary['cpuSeconds']:.2f} CPU s"
        means[side].append((rate, *bindings(trial, jobs)))
        print(f"round {round}  {'by hand, 8 connections' if side == 'hand' else 'through the agent':24} submitted {rate:7.1f}/s   bound {means[side][-1][1]:6.1f}/s   created and bound {means[side][-1][2]:6.1f}/s{more}", flush=True)
submitted, bound, both = (statistics.mean(m[i] for m in means["agent"]) / statistics.mean(m[i] for m in means["hand"]) for i in range(3))
print(f"through the agent against by hand: submitted {submitted:.2f}, bound {bound:.2f}, created and bound {both:.2f}")
shutil.rmtree(scratch)
P
