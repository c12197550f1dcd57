#!/usr/bin/python3
"""Waits until Flux really runs jobs: on the head, with one job over every node."""

import json
import os
import pwd
import subprocess
import time
import tomllib

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.regatta.cluster.plugins.module_utils.common import Hopeless, NotReady, run, tail, wait
from ansible_collections.regatta.cluster.plugins.module_utils.flux import Client, environment

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

# The unit of a leader that was only just asked to start may not have begun to.
STARTING = 0.5


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
