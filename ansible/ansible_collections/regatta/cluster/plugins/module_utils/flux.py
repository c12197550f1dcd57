"""Asks Flux as one of its users, by its own Python on the node."""

import json
import select
import subprocess
import tempfile

from ansible_collections.regatta.cluster.plugins.module_utils.common import Hopeless

# Runs under 'flux python' as a user of Flux: reads a request as JSON from each line, and writes its answer as one.
CLIENT = r"""
import json, sys
import flux, flux.constants, flux.idset, flux.job
from flux.hostlist import Hostlist

handle = None
running = False


def connect(request, answer):
    global handle
    answer["reason"] = "the leader does not answer"
    if handle is None:
        handle = flux.Flux(request["uri"])
    del answer["reason"]


def faults(request):
    status = handle.rpc("resource.status", nodeid=0).get()
    online = flux.idset.IDset(status["online"])
    if request["emulated"]:
        hosts = ["emulated%d" % rank for rank in range(request["emulated"])]
    else:
        hosts = Hostlist(handle.attr_get("hostlist"))
        if len(hosts) != request["size"]:
            return ["the leader leads %d brokers, not %d" % (len(hosts), request["size"])]
    offline = [hosts[rank] + " (rank %d) is offline" % rank for rank in range(len(hosts)) if rank not in online]
    drained = []
    for ranks, entry in status["drain"].items():
        for rank in flux.idset.IDset(ranks):
            drained.append(hosts[rank] + " is drained: " + (entry.get("reason") or "no reason was given"))
    return offline + drained


def look(request, answer):
    global running
    if not running:
        answer["reason"] = "the leader does not reach its state run"
        handle.rpc("state-machine.wait", nodeid=0).wait_for(max(0.05, request["timeout"]))
        running = True
    answer["reason"] = "the leader went down"
    wrong = faults(request)
    if wrong:
        answer["reason"] = ", ".join(wrong)
        return
    answer["config"] = handle.rpc("config.get", nodeid=0).get()
    answer["modules"] = [m["name"] for m in handle.rpc("module.list", nodeid=0).get()["mods"]]
    answer["version"] = handle.attr_get("version")
    del answer["reason"]


def job(request, answer):
    limit = max(5.0, request["timeout"])
    jobspec = flux.job.JobspecV1.from_command(["true"], num_tasks=request["nodes"], num_nodes=request["nodes"], cores_per_task=1)
    jobspec.duration = limit
    jobspec.cwd = "/"
    jobspec.environment = {"PATH": "/usr/bin:/bin"}
    jobspec.setattr("system.job.name", "regatta-ready")
    if request["emulated"]:
        jobspec.setattr("system.exec.test.run_duration", "0.01s")
    answer["reason"] = "a job over all nodes cannot be submitted"
    jobid = flux.job.submit(handle, jobspec, urgency=16)
    answer["reason"] = "a job over all nodes did not end"
    future = flux.job.result_async(handle, jobid)
    try:
        future.wait_for(limit)
    except OSError:
        flux.job.cancel(handle, jobid, "it was to show that every node runs jobs")
        raise
    info = future.get_info()
    answer["job"] = {"result": info.result, "note": info.exception.note if info.exception.occurred else ""}
    del answer["reason"]


for line in sys.stdin:
    request = json.loads(line)
    answer = {}
    try:
        {"connect": connect, "look": look, "job": job}[request["do"]](request, answer)
    except OSError as error:
        answer["fault"] = str(error)
    print(json.dumps(answer), flush=True)
"""


def environment(uri):
    return {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "FLUX_URI": uri, "HOME": "/", "LC_ALL": "C.UTF-8"}


def command(params, user):
    return ["setpriv", "--reuid", user, "--regid", user, "--init-groups", params["program"], "python", "-c", CLIENT]


class Client:
    """One process that asks Flux as a user, until it is closed."""

    def __init__(self, params, user):
        self.about = {"uri": params["uri"], "nodes": params["emulated"] or len(params["nodes"]), "size": params["size"], "emulated": params["emulated"]}
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            command(params, user), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, cwd="/", env=environment(params["uri"]),
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        for file in (self.process.stdin, self.process.stdout, self.errors):
            file.close()

    def ask(self, do, timeout=0.0):
        """The answer to one question; NotReady with what the process printed when there is none."""
        try:
            self.process.stdin.write(json.dumps({"do": do, "timeout": timeout, **self.about}).encode() + b"\n")
            self.process.stdin.flush()
            if not select.select([self.process.stdout], [], [], timeout + 20)[0]:
                raise Hopeless(f"Flux does not answer within {timeout + 20:.0f} s")
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = b""
        if not line:
            self.process.wait()
            self.errors.seek(0)
            raise Hopeless("Flux cannot be asked", self.errors.read().decode(errors="replace").strip()[-2000:])
        return json.loads(line)
