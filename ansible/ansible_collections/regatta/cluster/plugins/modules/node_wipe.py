#!/usr/bin/python3
"""Ends all that a scheduler does on this node and removes what it remembers."""

import glob
import os
import signal
import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.regatta.cluster.plugins.module_utils.common import empty, set_aside
from ansible_collections.regatta.cluster.plugins.module_utils.facts import cgroup, facts

DOCUMENTATION = r"""
module: node_wipe
short_description: Ends all that a scheduler does on this node and removes what it remembers
description: >
  Nothing of it is kept, so nothing is brought to an end in order: a daemon that saves its state, or waits for another one that has
  ended, would take up to a minute. Returns the same facts as node_base.
options:
  units:
    description: Units to kill with everything below them.
    type: list
    elements: str
    required: true
  orphans:
    description: Name of the processes that outlive the units; they are killed with all that descends from them.
    type: str
  groups:
    description: Control groups of jobs to remove, as lists of patterns below the mount point, by version (v1, v2).
    type: dict
    default: {}
  directories:
    description: Directories whose contents are removed, once no process is left.
    type: list
    elements: path
    required: true
  logs:
    description: Logs that are set aside under the name with .old added.
    type: list
    elements: path
    required: true
  timeout:
    description: Seconds until the processes must have ended.
    type: int
    default: 20
  validate:
    description: Roles to whose argument specifications the variables are held before anything is done; no argument of the module itself.
    type: list
    elements: str
    default: []
author: Regatta
"""


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


def orphans(program):
    """Every process of a program and all that descends from one, the program's own last."""
    table = parents()
    steps = {pid for pid, (_, name) in table.items() if name == program}

    def below(pid):
        while pid in table:
            if pid in steps:
                return True
            pid = table[pid][0]
        return False

    tasks = [pid for pid in table if pid not in steps and below(pid)]
    return tasks + sorted(steps)


def end_orphans(module):
    ended = 0
    limit = time.monotonic() + module.params["timeout"]
    while True:
        left = orphans(module.params["orphans"])
        if not left:
            return ended
        if time.monotonic() > limit:
            module.fail_json(msg=f"{module.params['orphans']} and what it started did not end: processes {' '.join(map(str, left))}")
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
                ended += 1
            except ProcessLookupError:
                continue
        time.sleep(0.02)


def end_units(module):
    units = module.params["units"]
    # systemd starts what is killed again, and what needs it, unless it is to stop already: a stop that comes later is cancelled by that start.
    module.run_command(["systemctl", "stop", "--no-block", *units])
    # Of what does not run there is nothing to kill; whether it has ended is for 'stop' to say.
    module.run_command(["systemctl", "kill", "--kill-who=all", "--signal=KILL", *units])
    module.run_command(["systemctl", "stop", *units], check_rc=True)
    module.run_command(["systemctl", "reset-failed", *units])


def remove_groups(module):
    """Control groups of jobs outlive a step daemon that was killed; a new job of the same number could not set its own processors in there."""
    limit = time.monotonic() + module.params["timeout"]
    found = cgroup()
    for pattern in module.params["groups"].get(found["version"], ()):
        for job in glob.glob(found["mountpoint"] + pattern):
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
            "orphans": {"type": "str"},
            "groups": {"type": "dict", "default": {}},
            "directories": {"type": "list", "elements": "path", "required": True},
            "logs": {"type": "list", "elements": "path", "required": True},
            "timeout": {"type": "int", "default": 20},
        }
    )
    params = module.params
    end_units(module)
    ended = end_orphans(module) if params["orphans"] else 0
    remove_groups(module)
    for directory in params["directories"]:
        empty(directory)
    for log in params["logs"]:
        set_aside(log)
    module.exit_json(changed=True, ended=ended, ansible_facts=facts())


if __name__ == "__main__":
    main()
