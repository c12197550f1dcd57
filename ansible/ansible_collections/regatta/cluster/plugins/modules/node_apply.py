#!/usr/bin/python3
"""Files and systemd units of a node, many in one call: starting Python once costs more than writing them all."""

import datetime
import os

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.regatta.cluster.plugins.module_utils.files import OPTIONS, ensure_files

DOCUMENTATION = r"""
module: node_apply
short_description: Files and systemd units of a node, many in one call
description: First the files, then the units, which start in the order that systemd knows.
options:
  files:
    description: What there must be, in order.
    type: list
    elements: dict
    default: []
    suboptions:
      path: {description: Where it is., type: path, required: true}
      state: {description: What it is., type: str, choices: [file, directory, link, absent], default: file}
      content: {description: "What is in the file: text, or a value that is written as JSON.", type: raw}
      content_base64: {description: What is in the file; never shown., type: str}
      target: {description: Where the link leads., type: path}
      owner: {description: Who owns the file or directory., type: str, default: root}
      group: {description: Its group., type: str, default: root}
      mode: {description: "Octal text; 0644 for files and 0755 for directories without it.", type: str}
  units:
    description: >
      A started unit is enabled, and restarted when it began before the newest of the files that it reads, whoever changed them
      and however the run ended. A stopped unit is disabled.
    type: list
    elements: dict
    default: []
    suboptions:
      name: {description: "Its name without '.service'.", type: str, required: true}
      state: {description: What it is to be., type: str, choices: [started, stopped], required: true}
      read: {description: Files that it reads., type: list, elements: path, default: []}
author: Regatta
"""

UNIT = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["started", "stopped"], "required": True},
    "read": {"type": "list", "elements": "path", "default": []},
}

PROPERTIES = "Id,LoadState,ActiveState,ActiveEnterTimestamp,NeedDaemonReload"
NEVER = datetime.datetime.fromtimestamp(0, datetime.timezone.utc)


def show(module, names):
    command = ["systemctl", "show", "--timestamp=us+utc", "-p", PROPERTIES, *[name + ".service" for name in names]]
    _, output, _ = module.run_command(command, check_rc=True)
    blocks = [dict(line.split("=", 1) for line in block.splitlines()) for block in output.strip().split("\n\n")]
    # What 'show' says of an active unit's file is what it was when the unit was loaded.
    loaded = [(name, block) for name, block in zip(names, blocks) if block["LoadState"] == "loaded"]
    if loaded:
        _, states, _ = module.run_command(["systemctl", "is-enabled", *[name + ".service" for name, _ in loaded]])
        for (_, block), state in zip(loaded, states.split()):
            block["UnitFileState"] = state
    return dict(zip(names, blocks))


def started_at(found):
    text = found.get("ActiveEnterTimestamp", "")
    if not text:
        return NEVER
    # Tue 2026-11-24 02:11:01.123456 UTC
    return datetime.datetime.strptime(" ".join(text.split()[1:3]), "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=datetime.timezone.utc)


def stale(found, unit, changed):
    """Whether the unit began before the newest of what it reads; a check has changed none of it."""
    if changed.intersection(unit.get("read") or []):
        return True
    newest = max((os.stat(path).st_mtime for path in unit.get("read") or [] if os.path.exists(path)), default=0.0)
    return newest >= started_at(found).timestamp()


def verb_of(found, unit, changed):
    """The systemctl verb that brings the unit to its state, or None."""
    active = found["ActiveState"] in ("active", "activating", "reloading")
    if unit["state"] == "stopped":
        return "stop" if active else None
    return "restart" if not active or stale(found, unit, changed) else None


def toggle_of(found, unit):
    """Whether the unit is to be enabled or disabled, or None."""
    if found.get("UnitFileState") in (None, "static", "masked", "alias", "generated"):
        return None
    wanted = "enable" if unit["state"] == "started" else "disable"
    return wanted if (found["UnitFileState"] == "enabled") != (wanted == "enable") else None


def apply(module, verb, names):
    if not names or module.check_mode:
        return
    # One call for all: systemd knows their order, and enabling one by one would read every unit file again each time.
    options = ["--quiet", "--no-reload"] if verb in ("enable", "disable") else []
    code, _, error = module.run_command(["systemctl", *options, verb, *names])
    if code != 0:
        journals = [module.run_command(["journalctl", "--no-pager", "-o", "cat", "-n", "10", "-u", name])[1] for name in names]
        module.fail_json(msg=f"{', '.join(names)} did not {verb}: {error.strip()}", stdout="".join(journals))


def ensure_units(module, units, changed):
    """Brings every unit to its state; returns what there was to do."""
    names = [unit["name"] for unit in units]
    found = show(module, names)
    wanted = {unit["name"] for unit in units if unit["state"] == "started"}
    unknown = {name for name in wanted if found[name]["LoadState"] != "loaded"}
    # A unit file that was just written is unknown, or known as it was, until systemd has looked again.
    if (unknown or any(found[name].get("NeedDaemonReload") == "yes" for name in names)) and not module.check_mode:
        module.run_command(["systemctl", "daemon-reload"], check_rc=True)
        found = show(module, names)
        missing = sorted(name for name in unknown if found[name]["LoadState"] != "loaded")
        if missing:
            module.fail_json(msg=f"not on this node: {', '.join(missing)}; the packages are not installed")

    plan = {"disable": [], "stop": [], "enable": [], "restart": []}
    for unit in units:
        block = found[unit["name"]]
        if block["LoadState"] != "loaded" and unit["state"] == "stopped":
            continue
        for verb in (toggle_of(block, unit), verb_of(block, unit, changed)):
            if verb:
                plan[verb].append(unit["name"])
    # A unit that failed too often is not started again within its limit, also when what made it fail is mended.
    failed = [name for name in plan["restart"] if found[name]["ActiveState"] in ("failed", "activating")]
    for verb, chosen in plan.items():
        if verb == "restart":
            apply(module, "reset-failed", failed)
        apply(module, verb, chosen)
    return [f"{name}: {verb}" for verb, chosen in plan.items() for name in chosen]


def main():
    module = AnsibleModule(
        argument_spec={
            "files": {"type": "list", "elements": "dict", "options": OPTIONS, "default": []},
            "units": {"type": "list", "elements": "dict", "options": UNIT, "default": []},
        },
        supports_check_mode=True,
    )
    paths, differences = ensure_files(module, module.params["files"])
    done = list(paths)
    if module.params["units"]:
        done += ensure_units(module, module.params["units"], set(paths))
    module.exit_json(changed=bool(done), done=done, diff=differences)


if __name__ == "__main__":
    main()
