#!/usr/bin/python3
"""Slurm's accounting database, step by step in the one order that works."""

import hashlib
import json
import os
import shutil
import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.regatta.cluster.plugins.module_utils.common import Hopeless, NotReady, empty, run, tail, wait

DOCUMENTATION = r"""
module: slurm_accounting
short_description: Slurm's accounting database, step by step in the one order that works
description: >
  The order is MariaDB, slurmdbd, the cluster, qualities of service, slurmctld, associations, slurmd: a partition that names a quality of service
  that is not there is open to all, and an association whose limit names a resource that no slurmctld has announced is refused.
  What is in the database is remembered by its hash; where something else is wanted, the database is made anew.
options:
  step:
    description: >
      wipe forgets all jobs and usage, and what the database holds. prepare waits for slurmdbd and makes the cluster and its qualities of service.
      load makes the associations, and waits until slurmctld knows them.
    type: str
    choices: [wipe, prepare, load]
    required: true
  cluster: {description: Name of the cluster., type: str, required: true}
  qos: {description: "Qualities of service, each behind those that it names: name and settings.", type: list, elements: dict, default: []}
  associations: {description: "Accounts and users, as sacctmgr load takes them.", type: str, default: ""}
  directory: {description: Where MariaDB keeps its data., type: path, required: true}
  state: {description: Where is kept what the database holds., type: path, required: true}
  controller: {description: State of slurmctld., type: path, required: true}
  database: {description: Name of the database., type: str, required: true}
  space: {description: "Least free space of the database's disk, MiB.", type: int, required: true}
  timeout: {description: Seconds until a step must be done., type: int, required: true}
author: Regatta
"""

DATABASE_LOG = "/var/log/slurm/mariadb.log"
DAEMON_LOG = "/var/log/slurm/slurmdbd.log"
UNIT = "regatta-mariadb"
FULL = ("no space left on device", "errno: 28", "error 28", "is full")


def digest(params):
    text = json.dumps([params["cluster"], params["qos"], params["associations"]], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def marker(params):
    return os.path.join(params["state"], "loaded")


def loaded(params):
    """The hash of what the database holds; nothing while it is not whole."""
    try:
        with open(marker(params)) as file:
            return file.read().strip()
    except FileNotFoundError:
        return ""


def states(*units):
    """What systemd says of each unit."""
    _, output, _ = run(["systemctl", "is-active", *units])
    return dict(zip(units, output.split()))


def is_full(text):
    return any(words in text.lower() for words in FULL)


def check_space(params):
    free = shutil.disk_usage(params["directory"]).free >> 20
    if free < params["space"]:
        raise Hopeless(f"the disk of the accounting database is full: {free} MiB are free in {params['directory']}, and {params['space']} MiB are needed; raise the disk of the head")


def explain(text, log):
    """A fault of the database by its log: a disk that is full is called that."""
    lines = tail(log)
    if is_full(lines):
        return Hopeless(f"the disk of the accounting database is full: {text}", lines)
    return Hopeless(text, lines)


def mariadb(statement):
    return run(["mariadb", "--no-defaults", "--batch", "--skip-column-names", "-e", statement], 60)


def database(params):
    check_space(params)
    code, _, error = mariadb("select 1")
    if code == 0:
        return
    if states(UNIT)[UNIT] in ("failed", "inactive"):
        raise explain("MariaDB does not start", DATABASE_LOG)
    raise NotReady("MariaDB does not answer", error.strip())


def daemon():
    code, output, error = run(["sacctmgr", "-nP", "show", "cluster", "format=cluster"], 20)
    if code == 0:
        return output.split()
    if states("slurmdbd")["slurmdbd"] in ("failed", "inactive"):
        raise explain("slurmdbd does not start", DAEMON_LOG)
    raise NotReady("slurmdbd does not answer", (error or output).strip())


def sacctmgr(*words):
    code, output, error = run(["sacctmgr", "-iQ", *words], 120)
    text = (output + error).strip()
    # 'load' says what it refuses and ends as if all were well.
    if code != 0 or any(words in text for words in ("Problem with", "Unknown option", "You gave a bad", "Misformatted", "error:")):
        raise Hopeless(f"sacctmgr {words[0]} {words[1]} failed: {text.splitlines()[0] if text else f'exit code {code}'}", text)


def drop(params):
    """An empty database, and a controller that remembers none of the numbers of the one before."""
    run(["systemctl", "stop", "slurmctld", "slurmdbd"], 120)
    code, _, error = mariadb(f"drop database if exists {params['database']}; create database {params['database']}")
    if code != 0:
        raise explain(f"the database cannot be emptied: {error.strip()}", DATABASE_LOG)
    empty(params["controller"])
    forget(params)


def forget(params):
    if os.path.exists(marker(params)):
        os.unlink(marker(params))


def wipe(params):
    if states(UNIT)[UNIT] == "active":
        drop(params)
    else:
        # 'prepare' finds what is in the database, and makes it anew.
        forget(params)
    return True


def settings(entry):
    return [f"{key}={value}" for key, value in sorted(entry.get("settings", {}).items())]


def prepare(params, limit, check):
    wait(lambda: database(params), limit)
    if loaded(params) == digest(params):
        wait(daemon, limit)
        return False
    if check:
        return True
    if params["cluster"] in wait(daemon, limit):
        # It holds something else, or not all.
        drop(params)
        run(["systemctl", "start", "slurmdbd"], 120)
        wait(daemon, limit)
    sacctmgr("add", "cluster", params["cluster"])
    for qos in params["qos"]:
        # The one that every database has from the start.
        sacctmgr("modify" if qos["name"] == "normal" else "add", "qos", qos["name"], *(["set"] if qos["name"] == "normal" else []), *settings(qos))
    return True


NOBODY = "4294967294"


def users():
    """The users that slurmctld knows of, each with the number that it has for it."""
    code, output, error = run(["scontrol", "-o", "show", "assoc_mgr", "flags=assoc"], 20)
    if code != 0:
        raise NotReady("slurmctld does not tell its associations", error.strip())
    found = (word.split("=", 1)[1].rstrip(")").partition("(") for word in output.split() if word.startswith("UserName="))
    return {name: number for name, _, number in found}


def known(associations):
    there = users()
    wanted = {name_of(line) for line in associations.splitlines() if line.startswith("User ")}
    missing = sorted(name for name in wanted if there.get(name, NOBODY) == NOBODY)
    if missing:
        raise NotReady(f"slurmctld does not know the associations of {', '.join(missing[:5])}")


def name_of(line):
    return line.split("'")[1]


def load(params, limit, check):
    if loaded(params) == digest(params):
        return False
    if check:
        return True
    source = os.path.join(params["state"], "associations.cfg")
    with open(source, "w") as file:
        file.write(params["associations"])
    sacctmgr("load", source)
    wait(lambda: known(params["associations"]), limit)
    with open(marker(params), "w") as file:
        file.write(digest(params) + "\n")
    return True


def main():
    module = AnsibleModule(
        argument_spec={
            "step": {"type": "str", "choices": ["wipe", "prepare", "load"], "required": True},
            "cluster": {"type": "str", "required": True},
            "qos": {"type": "list", "elements": "dict", "default": []},
            "associations": {"type": "str", "default": ""},
            "directory": {"type": "path", "required": True},
            "state": {"type": "path", "required": True},
            "controller": {"type": "path", "required": True},
            "database": {"type": "str", "required": True},
            "space": {"type": "int", "required": True},
            "timeout": {"type": "int", "required": True},
        },
        supports_check_mode=True,
    )
    params = module.params
    limit = time.monotonic() + (0 if module.check_mode else params["timeout"])
    try:
        if params["step"] == "wipe":
            changed = not module.check_mode and wipe(params)
        else:
            changed = (prepare if params["step"] == "prepare" else load)(params, limit, module.check_mode)
    except NotReady as error:
        if module.check_mode:
            module.exit_json(changed=True, reason=str(error))
        module.fail_json(msg=f"Slurm's accounting is not ready: {error}", stderr=error.detail, stdout="")
    module.exit_json(changed=changed, done=[f"accounting: {params['step']}"] if changed else [])


if __name__ == "__main__":
    main()
