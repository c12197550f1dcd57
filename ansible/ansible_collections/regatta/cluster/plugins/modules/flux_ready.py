#!/usr/bin/python3
"""Waits until Flux really runs jobs: on the head, with one job over every node."""

import json
import os
import pwd
import select
import subprocess
import tempfile
import time
import tomllib

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.regatta.cluster.plugins.module_utils.common import Hopeless, NotReady, run, tail, wait

DOCUMENTATION = r"""
module: flux_ready
short_description: Waits until Flux really runs jobs
description: >
  Ready means that the leader is in its state run, that every broker is online and no node drained, that the leader runs
  with what system.toml says and has the scheduler loaded that it names, and that one job has run on every node.
  In check mode it only looks once and runs no job.
options:
  program: {description: The flux program., type: str, required: true}
  uri: {description: Address of the leader., type: str, required: true}
  config: {description: Directory of its configuration., type: str, required: true}
  log: {description: Its log., type: str, required: true}
  settings: {description: "Settings that are reported as the leader has them, by keys with dots.", type: dict, required: true}
  nodes: {description: Names of the nodes that run jobs., type: list, elements: str, required: true}
  size: {description: Number of brokers., type: int, required: true}
  emulated: {description: Number of nodes that the leader makes up; the job is simulated., type: int, default: 0}
  owner: {description: User that the brokers run as., type: str, required: true}
  user: {description: User that the job runs as., type: str, required: true}
  timeout: {description: Seconds until all this must hold., type: int, required: true}
author: Regatta
"""

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

# The unit of a leader that was only just asked to start may not have begun to.
STARTING = 0.5


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


def value_of(config, key):
    """The value of a key with dots, or None."""
    for part in key.split("."):
        if not isinstance(config, dict) or part not in config:
            return None
        config = config[part]
    return config


def plain(value):
    return value if isinstance(value, str) else json.dumps(value)


def written(directory):
    with open(os.path.join(directory, "system.toml"), "rb") as file:
        return tomllib.load(file)


def verify(params, found):
    wanted = written(params["config"])
    wrong = [key for key in sorted({**wanted, **found["config"]}) if wanted.get(key) != found["config"].get(key)]
    if wrong:
        raise NotReady("the leader does not run with what system.toml says: " + ", ".join(wrong))
    scheduler = value_of(wanted, "modules.alternatives.sched")
    if scheduler not in found["modules"]:
        raise NotReady(f"the scheduler {scheduler} is not loaded", "loaded: " + " ".join(found["modules"]))


def state():
    return run(["systemctl", "is-active", "flux"])[1].strip()


def left(limit):
    return max(0.0, limit - time.monotonic())


def connect(client, limit):
    began = time.monotonic()

    def step():
        answer = client.ask("connect")
        if "reason" not in answer:
            return
        # It has ended for good, or nobody started it: waiting longer would change nothing.
        if time.monotonic() > began + STARTING and state() in ("inactive", "failed"):
            raise Hopeless("the broker of the leader does not run", "its unit is not active")
        raise NotReady(f"{answer['reason']}: {answer['fault']}", answer["fault"])

    wait(step, limit)


def look(client, limit):
    def step():
        answer = client.ask("look", left(limit))
        if "fault" in answer:
            raise Hopeless(f"{answer['reason']}: {answer['fault']}", answer["fault"])
        if "reason" in answer:
            raise NotReady(answer["reason"])
        return answer

    return wait(step, limit)


def run_job(client, limit):
    answer = client.ask("job", left(limit))
    if "reason" in answer:
        raise NotReady(answer["reason"], answer["fault"])
    if answer["job"]["result"] != "COMPLETED":
        raise NotReady(f"a job over all nodes ended as {answer['job']['result']}", answer["job"]["note"])


def ready(params, timeout, job):
    """What the leader says of itself once all holds; NotReady when it does not within the timeout (seconds)."""
    limit = time.monotonic() + timeout
    with Client(params, params["owner"]) as owner:
        connect(owner, limit)
        found = look(owner, limit)
        verify(params, found)
        if job and params["owner"] == params["user"]:
            run_job(owner, limit)
    if job and params["owner"] != params["user"]:
        with Client(params, params["user"]) as user:
            connect(user, limit)
            run_job(user, limit)
    return found


def explain(params):
    """What the leader knows about the fault."""
    def tell(*words):
        words = ["timeout", "10", "setpriv", "--reuid", params["owner"], "--regid", params["owner"], "--init-groups", params["program"], *words]
        done = subprocess.run(words, capture_output=True, text=True, cwd="/", env=environment(params["uri"]), check=False)
        return (done.stdout + done.stderr).strip()

    parts = (
        ("overlay errors", tell("overlay", "errors")),
        ("drained nodes", tell("resource", "drain", "-n")),
        ("queues", tell("queue", "status")),
    )
    messages = "\n".join(tell("dmesg").splitlines()[-20:])
    # Asked last: a leader that cannot start may answer for a moment, and be gone before it has told anything.
    if tell("getattr", "rank") != "0":
        return f"unit: {state()}", tail(params["log"])
    return "\n".join(f"{name}: {text}" for name, text in parts if text), messages


def main():
    module = AnsibleModule(
        argument_spec={
            "program": {"type": "str", "required": True},
            "uri": {"type": "str", "required": True},
            "config": {"type": "str", "required": True},
            "log": {"type": "str", "required": True},
            "settings": {"type": "dict", "required": True},
            "nodes": {"type": "list", "elements": "str", "required": True},
            "size": {"type": "int", "required": True},
            "emulated": {"type": "int", "default": 0},
            "owner": {"type": "str", "required": True},
            "user": {"type": "str", "required": True},
            "timeout": {"type": "int", "required": True},
        },
        supports_check_mode=True,
    )
    params = module.params
    began = time.monotonic()
    try:
        pwd.getpwnam(params["user"])
        found = ready(params, 0 if module.check_mode else params["timeout"], job=not module.check_mode)
    except NotReady as error:
        if module.check_mode:
            module.exit_json(changed=True, reason=str(error))
        known, messages = explain(params)
        detail = "\n".join(part for part in (error.detail, known) if part)
        module.fail_json(msg=f"Flux is not ready after {time.monotonic() - began:.0f} s: {error}", stderr=detail, stdout=messages)
    except (KeyError, OSError, ValueError) as error:
        if module.check_mode:
            module.exit_json(changed=True, reason=str(error))
        module.fail_json(msg=f"Flux is not ready: {error}")
    module.exit_json(
        changed=False,
        regatta={
            "version": found["version"],
            "settings": {key: plain(value_of(found["config"], key)) for key in params["settings"]},
            # Jobs run below the brokers: without a user manager Flux gives them no control groups, and the jobspecs ask for no affinity.
            "enforcement": "none",
        },
    )


if __name__ == "__main__":
    main()
