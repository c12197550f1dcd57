#!/usr/bin/python3
"""Waits until Slurm really runs jobs: on the head, with one job over every node."""

import re
import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.regatta.cluster.plugins.module_utils.common import Hopeless, NotReady, run, tail, wait
from ansible_collections.regatta.cluster.plugins.module_utils.slurmrestd import ping

DOCUMENTATION = r"""
module: slurm_ready
short_description: Waits until Slurm really runs jobs
description: >
  Ready means that the controller answers, that every node is exactly idle (a node with a wrong key reads idle for a
  while, too) and has the controller's version, that slurmrestd answers, that one job has run on every node, and that every setting asked for reads back.
  In check mode it only looks once and runs no job.
options:
  nodes: {description: Names of the nodes., type: list, elements: str, required: true}
  settings: {description: Settings of slurm.conf that must read back., type: dict, required: true}
  socket: {description: slurmrestd's socket., type: str, required: true}
  user: {description: User that the job runs as., type: str, required: true}
  timeout: {description: Seconds until all this must hold., type: int, required: true}
  partitions: {description: Whether there are partitions of the workload's. No job of theirs reaches every node, so that this one has a partition of its own while it runs., type: bool, default: false}
  build: {description: Whether all nodes must have the same build and not only the same version., type: bool, default: true}
  enforcement: {description: What control groups hold jobs to; reported as it is., type: list, elements: str, default: []}
author: Regatta
"""

CONTROLLER_LOG = "/var/log/slurm/slurmctld.log"
# A few digits over the node daemon and the library that it shares with all of Slurm.
BUILD = (
    'd=$(readlink -f "$(command -v slurmd || echo /usr/sbin/slurmd)"); '
    "cat $d $(ldd $d | sed -n 's/.*libslurmfull.so => \\([^ ]*\\).*/\\1/p') | sha256sum | cut -c1-12"
)


def ask(*command):
    return run(command, 10)


def why_not_running():
    """What slurmctld says when it ends at once. Its unit keeps no output: before its log is open, only asking again tells."""
    _, output, error = run(["slurmctld", "-D"], timeout=3)
    return "\n".join((output + error).strip().splitlines()[-10:])


def controller(explain):
    code, output, error = ask("scontrol", "ping")
    if code != 0 or "is UP" not in output:
        _, state, _ = ask("systemctl", "is-active", "slurmctld")
        # It failed, or nobody started it.
        if state.strip() in ("failed", "inactive"):
            raise Hopeless("slurmctld does not run", why_not_running() if explain else "")
        raise NotReady("slurmctld does not answer", (output + error).strip())


def node_states(nodes):
    code, output, error = ask("sinfo", "-h", "-N", "-o", "%N %T")
    if code != 0:
        raise NotReady("slurmctld does not tell the nodes' states", error.strip())
    states = dict(line.split(None, 1) for line in output.splitlines() if line.strip())
    wrong = [f"{name} is {states.get(name, 'unknown to slurmctld').strip()}" for name in nodes if states.get(name, "").strip() != "idle"]
    if wrong:
        _, reasons, _ = ask("sinfo", "-R")
        raise NotReady("not every node is idle: " + ", ".join(wrong), reasons.strip())


def node_versions(nodes, own):
    """A controller takes nodes of other releases for the time of an upgrade; a result would be neither version's."""
    code, output, error = ask("scontrol", "-o", "show", "nodes")
    if code != 0:
        raise NotReady("slurmctld does not tell the nodes' versions", error.strip())
    known = [dict(word.split("=", 1) for word in line.split() if "=" in word) for line in output.splitlines()]
    other = [f"{node['NodeName']} {node['Version']}" for node in known if node.get("NodeName") in nodes and node.get("Version", own) != own]
    if other:
        raise Hopeless(f"the nodes have different versions of Slurm, and one is needed on all: the head {own}, " + ", ".join(other))


def same_build(builds):
    """A version does not tell two builds of it apart; what its node daemon is made of does."""
    if len(set(builds.values())) > 1:
        raise Hopeless("the nodes have different builds of Slurm, and one is needed on all: " + ", ".join(f"{node} {build}" for node, build in sorted(builds.items())))


class OwnPartition:
    """A partition of all nodes, without limits, while a job runs; None where there is one for all jobs."""

    NAME = "regatta-ready"

    def __init__(self, wanted):
        self.name = self.NAME if wanted else None

    def __enter__(self):
        if self.name:
            # One that a configuration which was broken off left behind would do as well.
            ask("scontrol", "delete", "partitionname=" + self.name)
            self._tell("create", "nodes=ALL", "maxtime=UNLIMITED", "state=UP")
        return self.name

    def __exit__(self, kind, *_):
        if self.name and kind is None:
            wait(lambda: self._tell("delete"), time.monotonic() + 10)
        elif self.name:
            ask("scontrol", "delete", "partitionname=" + self.name)

    def _tell(self, what, *settings):
        code, output, error = ask("scontrol", what, "partitionname=" + self.name, *settings)
        if code != 0:
            raise NotReady(f"slurmctld does not {what} a partition of all nodes", (output + error).strip())


def job(nodes, user, timeout, build, partition=None):
    """Runs one task on every node and returns the processors that each may use there."""
    count = str(len(nodes))
    told = 'echo "$SLURMD_NODENAME $(nproc) ' + (f"$({BUILD})" if build else "same") + '"'
    command = ["setpriv", "--reuid", user, "--regid", user, "--init-groups", "srun", "-J", "regatta-ready", "-D", "/", "-t", "1",
               *(["-p", partition] if partition else []), "-N", count, "-n", count, "--ntasks-per-node=1", "sh", "-c", told]
    code, output, error = run(command, timeout)
    if code == 124:
        ask("scancel", "--name", "regatta-ready")
    ran = {words[0]: words[1:] for words in map(str.split, output.splitlines()) if len(words) == 3}
    missing = [name for name in nodes if name not in ran]
    if code != 0 or missing:
        raise NotReady("a job did not run on " + (", ".join(missing) or "every node"), error.strip())
    same_build({name: ran[name][1] for name in nodes})
    return {name: int(ran[name][0]) for name in nodes}


def configuration():
    code, output, error = ask("scontrol", "show", "config")
    if code != 0:
        raise NotReady("slurmctld does not tell its configuration", error.strip())
    pairs = (line.partition("=") for line in output.splitlines() if "=" in line)
    return {re.sub(r"\[0\]$", "", key.strip()): value.strip() for key, _, value in pairs}


def plain(value):
    """Slurm adds units when it prints a value, changes its case, and prints flags in an order of its own. What is not there is none, KIND/none or (null), by version."""
    if re.fullmatch(r"\(null\)|none|\w+/none", value.strip(), re.IGNORECASE):
        return "none"
    return ",".join(sorted(re.sub(r"\s+(sec|usec|min)$", "", value.strip()).lower().split(",")))


# Lists that slurmctld prints with entries of its own beside those of slurm.conf: what it tracks always, and memory and use of GPUs with them.
ADDED_TO = ("accountingstoragetres",)


def holds(key, wanted, printed):
    """Whether what was printed is what was wanted, but for what Slurm adds by itself."""
    if key.lower() in ADDED_TO:
        return set(plain(wanted).split(",")) <= set(plain(printed).split(","))
    return plain(printed) == plain(wanted)


def differing(settings, found):
    lower = {key.lower(): value for key, value in found.items()}
    wrong = []
    for key, value in sorted(settings.items()):
        if not holds(key, str(value), lower.get(key.lower(), "")):
            wrong.append(f"{key} is {lower.get(key.lower(), 'not known to slurmctld')}, not {value}")
    return wrong


def main():
    module = AnsibleModule(
        argument_spec={
            "nodes": {"type": "list", "elements": "str", "required": True},
            "settings": {"type": "dict", "required": True},
            "socket": {"type": "str", "required": True},
            "user": {"type": "str", "required": True},
            "timeout": {"type": "int", "required": True},
            "partitions": {"type": "bool", "default": False},
            "build": {"type": "bool", "default": True},
            "enforcement": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    params = module.params
    began = time.monotonic()
    limit = began + (0 if module.check_mode else params["timeout"])
    processors = {}
    try:
        wait(lambda: controller(explain=not module.check_mode), limit)
        found = configuration()
        wrong = differing(params["settings"], found)
        if wrong:
            raise NotReady("slurmctld does not run with what slurm.conf says: " + "; ".join(wrong))
        wait(lambda: node_states(params["nodes"]), limit)
        node_versions(params["nodes"], found.get("SLURM_VERSION", ""))
        wait(lambda: ping(params["socket"]), limit)
        if not module.check_mode:
            with OwnPartition(params["partitions"]) as partition:
                processors = job(params["nodes"], params["user"], max(limit - time.monotonic(), 5), params["build"], partition)
                # The node of a job that just ended is completing for a moment.
                wait(lambda: node_states(params["nodes"]), max(limit, time.monotonic() + 5))
    except NotReady as error:
        if module.check_mode:
            module.exit_json(changed=True, reason=str(error))
        log = tail(CONTROLLER_LOG)
        module.fail_json(msg=f"Slurm is not ready after {time.monotonic() - began:.0f} s: {error}", stderr=error.detail, stdout=log)
    except (OSError, ValueError) as error:
        if module.check_mode:
            module.exit_json(changed=True, reason=str(error))
        module.fail_json(msg=f"Slurm is not ready: {error}")
    module.exit_json(
        changed=False,
        regatta={
            "version": found.get("SLURM_VERSION", ""),
            "settings": {key: found.get(key, "") for key in params["settings"]},
            "processors": processors,
            "enforcement": "+".join(params["enforcement"]) or "none",
        },
    )


if __name__ == "__main__":
    main()
