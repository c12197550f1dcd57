#!/usr/bin/python3
"""Waits until Flux really runs jobs: on the head, with one job over every node."""

import json
import os
import pwd
import subprocess
import time
import tomllib

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.regatta.cluster.plugins.module_utils.common import NotReady, tail

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

# Runs under 'flux python' as a user of Flux: reads one request as JSON, writes one answer as JSON.
CLIENT = r"""
import json, subprocess, sys, time
import flux, flux.constants, flux.idset, flux.job
from flux.hostlist import Hostlist

request = json.load(sys.stdin)
limit = time.monotonic() + request["timeout"]
answer = {}


def left():
    return max(0.05, limit - time.monotonic())


def runs():
    unit = subprocess.run(["systemctl", "is-active", "flux"], capture_output=True, text=True, check=False).stdout.strip()
    return unit not in ("inactive", "failed")


def connect():
    asked = time.monotonic()
    while True:
        try:
            return flux.Flux(request["uri"])
        except OSError as error:
            answer["reason"] = "the leader does not answer: " + str(error)
            if time.monotonic() > limit:
                raise
        if time.monotonic() > asked + 0.5:
            asked = time.monotonic()
            # It has ended for good, or nobody started it: waiting longer would change nothing.
            if not runs():
                answer["reason"] = "the broker of the leader does not run"
                raise TimeoutError("its unit is not active")
        time.sleep(0.05)


def look(handle):
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


def wait():
    handle = connect()
    answer["reason"] = "the leader does not reach its state run"
    handle.rpc("state-machine.wait", nodeid=0).wait_for(left())
    while True:
        try:
            wrong = look(handle)
        except OSError as error:
            answer["reason"] = "the leader went down: " + str(error)
            raise
        if not wrong:
            break
        answer["reason"] = ", ".join(wrong)
        if time.monotonic() > limit:
            raise TimeoutError()
        time.sleep(0.05)
    answer["config"] = handle.rpc("config.get", nodeid=0).get()
    answer["modules"] = [m["name"] for m in handle.rpc("module.list", nodeid=0).get()["mods"]]
    answer["version"] = handle.attr_get("version")
    del answer["reason"]
    return handle


def job(handle):
    jobspec = flux.job.JobspecV1.from_command(["true"], num_tasks=request["nodes"], num_nodes=request["nodes"], cores_per_task=1)
    jobspec.duration = max(5.0, left())
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
        future.wait_for(max(5.0, left()))
    except OSError:
        flux.job.cancel(handle, jobid, "it was to show that every node runs jobs")
        raise
    info = future.get_info()
    answer["job"] = {"result": info.result, "note": info.exception.note if info.exception.occurred else ""}
    del answer["reason"]


try:
    handle = wait() if request["look"] else connect()
    if request["job"]:
        job(handle)
except (OSError, TimeoutError) as error:
    answer.setdefault("reason", str(error))
    answer["detail"] = str(error)
print(json.dumps(answer))
"""


def environment(uri):
    return {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "FLUX_URI": uri, "HOME": "/", "LC_ALL": "C.UTF-8"}


def ask(params, user, timeout, **request):
    """One client as a user; its answer, or NotReady with what it printed."""
    command = ["setpriv", "--reuid", user, "--regid", user, "--init-groups", params["program"], "python", "-c", CLIENT]
    nodes = params["emulated"] or len(params["nodes"])
    text = json.dumps({"uri": params["uri"], "nodes": nodes, "size": params["size"], "emulated": params["emulated"], "timeout": timeout, **request})
    try:
        done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=timeout + 20, cwd="/", env=environment(params["uri"]))
    except subprocess.TimeoutExpired as expired:
        raise NotReady(f"Flux does not answer within {timeout + 20:.0f} s") from expired
    if done.returncode != 0 or not done.stdout.strip():
        raise NotReady("Flux cannot be asked", done.stderr.strip()[-2000:])
    return json.loads(done.stdout.strip().splitlines()[-1])


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


def wait(params, timeout, job):
    owner, user = params["owner"], params["user"]
    found = ask(params, owner, timeout, look=True, job=job and owner == user)
    if "reason" in found and "config" not in found:
        raise NotReady(found["reason"], found.get("detail", ""))
    verify(params, found)
    if job and owner != user:
        found.update(ask(params, user, timeout, look=False, job=True))
    if "reason" in found:
        raise NotReady(found["reason"], found.get("detail", ""))
    if job and found["job"]["result"] != "COMPLETED":
        raise NotReady(f"a job over all nodes ended as {found['job']['result']}", found["job"]["note"])
    return found


def explain(params):
    """What the leader knows about the fault."""
    def run(*words):
        command = ["timeout", "10", "setpriv", "--reuid", params["owner"], "--regid", params["owner"], "--init-groups", params["program"], *words]
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", env=environment(params["uri"]), check=False)
        return (done.stdout + done.stderr).strip()

    parts = (
        ("overlay errors", run("overlay", "errors")),
        ("drained nodes", run("resource", "drain", "-n")),
        ("queues", run("queue", "status")),
    )
    messages = "\n".join(run("dmesg").splitlines()[-20:])
    # Asked last: a leader that cannot start may answer for a moment, and be gone before it has told anything.
    if run("getattr", "rank") != "0":
        unit = subprocess.run(["systemctl", "is-active", "flux"], capture_output=True, text=True, check=False).stdout.strip()
        return f"unit: {unit}", tail(params["log"])
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
        found = wait(params, 0 if module.check_mode else params["timeout"], job=not module.check_mode)
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
