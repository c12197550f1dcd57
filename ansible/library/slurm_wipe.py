#!/usr/bin/python3
"""Ends all that Slurm does on this node and removes what it remembers."""

import glob
import os
import signal
import time

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.regatta import empty

DOCUMENTATION = r"""
module: slurm_wipe
short_description: Ends all that Slurm does on this node and removes what it remembers
options:
  units:
    description: Units to stop first.
    type: list
    required: true
  directories:
    description: Directories whose contents are removed, once no job step is left.
    type: list
    required: true
  logs:
    description: Logs that are set aside under the name with .old added.
    type: list
    required: true
  timeout:
    description: Seconds until the job steps must have ended.
    type: int
    default: 20
  cgroup:
    description: The node's control groups, as node_base says.
    type: dict
    required: true
"""

# Where Slurm keeps the control groups of jobs, below the mount point.
JOB_GROUPS = {"v1": "/*/slurm*/uid_*/job_*", "v2": "/system.slice/*slurmstepd.scope/job_*"}


def parents():
    """Process id and name of the parent, by process id."""
    table = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat") as file:
                text = file.read()
        except (FileNotFoundError, ProcessLookupError):
            continue
        name = text[text.index("(") + 1 : text.rindex(")")]
        state, parent = text[text.rindex(")") + 2 :].split()[:2]
        if state not in ("Z", "X"):
            table[int(entry)] = (int(parent), name)
    return table


def step_processes():
    """Every slurmstepd and all that descends from one, the step daemons last."""
    table = parents()
    steps = {pid for pid, (_, name) in table.items() if name == "slurmstepd"}

    def below(pid):
        while pid in table:
            if pid in steps:
                return True
            pid = table[pid][0]
        return False

    tasks = [pid for pid in table if pid not in steps and below(pid)]
    return tasks + sorted(steps)


def end_steps(module):
    ended = 0
    limit = time.monotonic() + module.params["timeout"]
    while True:
        left = step_processes()
        if not left:
            return ended
        if time.monotonic() > limit:
            module.fail_json(msg=f"job steps did not end: processes {' '.join(map(str, left))}")
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
                ended += 1
            except ProcessLookupError:
                continue
        time.sleep(0.02)


def remove_groups(module):
    """Control groups of jobs outlive a step daemon that was killed; a new job of the same number could not set its own processors in there."""
    limit = time.monotonic() + module.params["timeout"]
    for job in glob.glob(module.params["cgroup"]["mountpoint"] + JOB_GROUPS[module.params["cgroup"]["version"]]):
        for group, _, _ in os.walk(job, topdown=False):
            remove_group(module, group, limit)


def remove_group(module, group, limit):
    while True:
        try:
            os.rmdir(group)
            return
        except FileNotFoundError:
            return
        except OSError as error:
            # What was killed takes a moment to be gone.
            if time.monotonic() > limit:
                module.fail_json(msg=f"the control group {group} cannot be removed: {error.strerror}")
        time.sleep(0.02)


def main():
    module = AnsibleModule(
        argument_spec={
            "units": {"type": "list", "elements": "str", "required": True},
            "directories": {"type": "list", "elements": "str", "required": True},
            "logs": {"type": "list", "elements": "str", "required": True},
            "timeout": {"type": "int", "default": 20},
            "cgroup": {"type": "dict", "required": True},
        }
    )
    module.run_command(["systemctl", "stop", *module.params["units"]], check_rc=True)
    ended = end_steps(module)
    if module.params["cgroup"]["version"] in JOB_GROUPS:
        remove_groups(module)
    for directory in module.params["directories"]:
        empty(directory)
    for log in module.params["logs"]:
        if os.path.exists(log):
            os.replace(log, log + ".old")
    module.exit_json(changed=True, ended=ended)


if __name__ == "__main__":
    main()
