#!/usr/bin/python3
"""systemd units of a node, many in one call; those that are to run start in the order that systemd knows."""

import datetime
import os

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = r"""
module: node_units
short_description: systemd units of a node, many in one call
options:
  units:
    description: >
      Each has a name and a state: started (and enabled) or stopped (and disabled). A started unit is restarted when it
      began before the newest of the files that it reads (the key read), whoever changed them and however the run ended.
    type: list
    required: true
"""

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


def stale(found, unit):
    newest = max((os.stat(path).st_mtime for path in unit.get("read", []) if os.path.exists(path)), default=0.0)
    return newest >= started_at(found).timestamp()


def verb_of(found, unit):
    """The systemctl verb that brings the unit to its state, or None."""
    active = found["ActiveState"] in ("active", "activating", "reloading")
    if unit["state"] == "stopped":
        return "stop" if active else None
    return "restart" if not active or stale(found, unit) else None


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


def main():
    module = AnsibleModule(
        argument_spec={"units": {"type": "list", "elements": "dict", "required": True}}, supports_check_mode=True
    )
    units = module.params["units"]
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
        for verb in (toggle_of(block, unit), verb_of(block, unit)):
            if verb:
                plan[verb].append(unit["name"])
    for verb, chosen in plan.items():
        apply(module, verb, chosen)
    done = [f"{name}: {verb}" for verb, chosen in plan.items() for name in chosen]
    module.exit_json(changed=bool(done), done=done)


if __name__ == "__main__":
    main()
