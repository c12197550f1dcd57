#!/usr/bin/python3
"""Replaces daemons of Slurm by those of another version while jobs run, and stamps how long each was away."""

import os
import re
import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.regatta.cluster.plugins.module_utils.common import NotReady, run, tail, wait
from ansible_collections.regatta.cluster.plugins.module_utils.slurmrestd import ping

DOCUMENTATION = r"""
module: slurm_upgrade
short_description: Replaces daemons of Slurm by those of another version
description: >
  The programs and libraries of the newer version are the usr directory of another root file system. A daemon that is replaced sees that in the place
  of the node's own, and all else of the node as it is: what an upgrade of its packages would change. What it starts later sees it as well; what runs
  already goes on as it was. A daemon that the node does not run is passed over.
options:
  daemons:
    description: What to replace, in this order.
    type: list
    elements: dict
    required: true
    suboptions:
      name: {description: Name of the daemon., type: str, choices: [slurmdbd, slurmctld, slurmrestd, slurmd], required: true}
      unit: {description: "Its unit without '.service'.", type: str, required: true}
      log: {description: Its log; the end is shown where it does not come back., type: path}
  node: {description: The name that Slurm knows this node by., type: str, required: true}
  root: {description: Where the root file system of the newer version is., type: path, required: true}
  keep: {description: Directories below usr that stay the node's own., type: list, elements: path, default: []}
  socket: {description: slurmrestd's socket., type: path, required: true}
  timeout: {description: Seconds until a daemon must answer., type: int, required: true}
author: Regatta
"""

DAEMON = {
    "name": {"type": "str", "choices": ["slurmdbd", "slurmctld", "slurmrestd", "slurmd"], "required": True},
    "unit": {"type": "str", "required": True},
    "log": {"type": "path"},
}


def now():
    """Microseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1000


def drop_in(root, keep):
    lines = ["[Service]", f"BindReadOnlyPaths={root}/usr:/usr"]
    # A build of one's own lies there, with links to it in usr.
    if os.path.isdir(f"{root}/opt") and os.listdir(f"{root}/opt"):
        lines.append(f"BindReadOnlyPaths={root}/opt:/opt")
    return "\n".join(lines + [f"BindReadOnlyPaths={path}:{path}" for path in keep if os.path.isdir(path)]) + "\n"


def controller_version():
    code, output, error = run(["scontrol", "show", "config"], 10)
    found = re.search(r"^SLURM_VERSION\s*=\s*(\S+)", output, re.MULTILINE)
    if code != 0 or not found:
        raise NotReady("slurmctld does not answer", error.strip())
    return found[1]


def node_facts(node):
    code, output, error = run(["scontrol", "-o", "show", "node", node], 10)
    if code != 0:
        raise NotReady(f"slurmctld does not tell of the node {node}", error.strip())
    return dict(word.split("=", 1) for word in output.split() if "=" in word)


def node_version(node):
    """The node's version once it is the controller's; a controller that was started a moment ago knows none."""
    known = node_facts(node)
    state = known.get("State", "")
    if re.search(r"DOWN|UNKNOWN|NOT_RESPONDING|\*", state):
        raise NotReady(f"the node {node} is {state}")
    wanted = controller_version()
    if known.get("Version") != wanted:
        raise NotReady(f"the node {node} has version {known.get('Version')}, and slurmctld {wanted}")
    return wanted


def interface_version(path):
    """slurmrestd's own version."""
    found = re.search(r'"release"\s*:\s*"([^"]+)"', ping(path))
    if not found:
        raise NotReady(f"slurmrestd does not tell its version on {path}")
    return found[1]


def version_of(name, params):
    if name == "slurmctld":
        return controller_version()
    if name == "slurmd":
        return node_version(params["node"])
    if name == "slurmrestd":
        return interface_version(params["socket"])
    code, output, error = run(["slurmdbd", "-V"], 10)
    if code != 0:
        raise NotReady("slurmdbd does not tell its version", error.strip())
    return output.split()[-1]


def replace(module, daemon):
    """Replaces one daemon; its step, or None where the node does not run it."""
    name, unit, params = daemon["name"], daemon["unit"], module.params
    code, _, _ = module.run_command(["systemctl", "--quiet", "is-active", unit])
    if code != 0:
        return None
    before = node_facts(params["node"]).get("Version") if name == "slurmd" else None if name == "slurmdbd" else version_of(name, params)
    folder = f"/etc/systemd/system/{unit}.service.d"
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/upgrade.conf", "w") as file:
        file.write(drop_in(params["root"], params["keep"]))
    module.run_command(["systemctl", "daemon-reload"], check_rc=True)
    began = now()
    code, _, error = module.run_command(["systemctl", "restart", unit])
    try:
        if code != 0:
            raise NotReady(f"{unit} did not restart", error.strip())
        version = wait(lambda: version_of(name, params), time.monotonic() + params["timeout"])
    except NotReady as reason:
        module.fail_json(msg=f"{name} of the newer version did not come back: {reason}", stderr=reason.detail, stdout=tail(daemon.get("log") or ""))
    if version == before:
        module.fail_json(msg=f"{name} is still of version {before} after its upgrade")
    return {"node": params["node"], "daemon": name, "began": began, "ready": now(), "version": version}


def main():
    module = AnsibleModule(
        argument_spec={
            "daemons": {"type": "list", "elements": "dict", "options": DAEMON, "required": True},
            "node": {"type": "str", "required": True},
            "root": {"type": "path", "required": True},
            "keep": {"type": "list", "elements": "path", "default": []},
            "socket": {"type": "path", "required": True},
            "timeout": {"type": "int", "required": True},
        },
    )
    if not os.path.isdir(module.params["root"] + "/usr"):
        module.fail_json(msg=f"there is no newer version at {module.params['root']}: the nodes were made without one")
    try:
        steps = [step for step in (replace(module, daemon) for daemon in module.params["daemons"]) if step]
    except (OSError, NotReady) as error:
        module.fail_json(msg=f"the daemons were not replaced: {error}")
    module.exit_json(
        changed=bool(steps),
        done=[f"{step['daemon']} {step['version']}" for step in steps],
        regatta={f"upgrade {step['node']} {step['daemon']}": step for step in steps},
    )


if __name__ == "__main__":
    main()
