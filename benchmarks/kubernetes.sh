#!/usr/bin/env bash
# Submission and binding of batch/v1 Jobs: by hand over 8 kept connections, and through the agent, in turn on the same cluster.
# usage: benchmarks/kubernetes.sh [JOBS] [ROUNDS]        on the head, or anywhere the API server and its audit log can be reached
# AGENT, KUBECONFIG, AUDIT, NAMESPACE and STAMPS say where things are. The cluster's nodes are emulated (regatta-agent emulate-nodes), so that only the control plane is measured.
set -euo pipefail
jobs=${1:-500} rounds=${2:-2}
export AGENT=${AGENT:-/usr/local/lib/regatta/regatta-agent} KUBECONFIG=${KUBECONFIG:-/var/lib/regatta/kubeconfig} AUDIT=${AUDIT:-/var/log/kubernetes/audit.log}
export NAMESPACE=${NAMESPACE:-regatta} STAMPS=${STAMPS:-/tmp/regatta-benchmark/stamps.jsonl}
exec python3 - "$jobs" "$rounds" <<'P'
import base64, datetime, http.client, json, os, shutil, ssl, subprocess, sys, tempfile, threading, time, urllib.parse

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
    labels = {"regatta/trial": trial, "regatta/job": str(i)}
    return json.dumps({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": f"regatta-{trial}-{i}", "labels": labels}, "spec": {"parallelism": 1, "completions": 1, "backoffLimit": 0, "template": {
        "metadata": {"labels": labels}, "spec": {"restartPolicy": "Never", "nodeSelector": {"regatta/emulated": "true"}, "containers": [{"name": "job", "image": "localhost/regatta/payload:1",
        "command": [env["AGENT"], "payload", "--job", str(i), "--stamps", env["STAMPS"], "sleep", "1"], "resources": {"requests": {"cpu": "1"}, "limits": {"cpu": "1"}}}]}}}})

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

def by_agent(trial):
    header = {"version": 1, "trial": trial, "scheduler": "kubernetes", "jobs": jobs, "startDelay": "00:00:01", "drainTimeout": "00:10:00", "connections": 96,
              "options": {"kubeconfig": env["KUBECONFIG"], "audit": env["AUDIT"], "namespace": env["NAMESPACE"], "stamps": env["STAMPS"], "payload": env["AGENT"], "emulated": "true"}}
    lines = [header] + [{"id": i, "submit": "00:00:00", "processors": 1, "runTime": "00:00:01", "user": -1, "group": -1, "queue": -1} for i in range(1, jobs + 1)]
    out = subprocess.run([env["AGENT"], "replay", "--directory", os.path.join(scratch, trial)], input="\n".join(map(json.dumps, lines)).encode() + b"\n", stdout=subprocess.PIPE, check=True).stdout
    events = [json.loads(l) for l in out.splitlines()]
    sent = min(e["time"] for e in events if e["kind"] == "Sent")
    summary = json.load(open(os.path.join(scratch, trial, "summary.json")))
    return jobs / ((max(e["time"] for e in events if e["kind"] == "Accepted") - sent) / 1e6), summary

def bindings(trial):
    """Bindings a second of a trial, from the audit log, once all are there; then waits until all its jobs have ended."""
    while True:
        stamps = []
        with open(env["AUDIT"]) as log:
            for line in log:
                if f"regatta-{trial}-" in line and '"binding"' in line:
                    stamps.append(datetime.datetime.fromisoformat(json.loads(line)["requestReceivedTimestamp"].replace("Z", "+00:00")).timestamp())
        if len(stamps) >= jobs: break
        time.sleep(1)
    subprocess.run(["kubectl", "-n", env["NAMESPACE"], "wait", "--for=condition=complete", "--timeout=600s", "job", "-l", f"regatta/trial={trial}"], stdout=subprocess.DEVNULL, check=True)
    subprocess.run(["kubectl", "-n", env["NAMESPACE"], "delete", "job", "-l", f"regatta/trial={trial}", "--wait=true"], stdout=subprocess.DEVNULL, check=True)
    return (len(stamps) - 1) / (max(stamps) - min(stamps))

os.makedirs(os.path.dirname(env["STAMPS"]), exist_ok=True)
run = f"b{int(time.time())}"
print(f"{jobs} jobs, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
for round in range(1, rounds + 1):
    trial = f"{run}h{round}"
    rate = by_hand(trial)
    print(f"round {round}  by hand, 8 connections   submitted {rate:7.1f}/s   bound {bindings(trial):7.1f}/s", flush=True)
    trial = f"{run}a{round}"
    rate, summary = by_agent(trial)
    late = summary["lateness"]
    print(f"round {round}  through the agent        submitted {rate:7.1f}/s   bound {bindings(trial):7.1f}/s   agent {summary['cpuSeconds']:.2f} CPU s, lateness p99 {late['p99'] / 1000:.1f} ms", flush=True)
shutil.rmtree(scratch)
P
