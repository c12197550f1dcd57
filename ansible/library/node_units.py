#!/usr/bin/python3
"""systemd units of a node, many in one call, in the order given."""

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

PROPERTIES = "Id,LoadState,ActiveState,UnitFileState,ActiveEnterTimestamp,NeedDaemonReload"
NEVER = datetime.datetime.fromtimestamp(0, datetime.timezone.utc)


def show(module, names):
    command = ["systemctl", "show", "--timestamp=us+utc", "-p", PROPERTIES, *[name + ".service" for name in names]]
    _, output, _ = module.run_command(command, check_rc=True)
    blocks = [dict(line.split("=", 1) for line in block.splitlines()) for block in output.strip().split("\n\n")]
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


def action(found, unit):
    """The systemctl verb that brings the unit to its state, or None."""
    active = found["ActiveState"] in ("active", "activating", "reloading")
    if unit["state"] == "stopped":
        return "stop" if active else None
    if not active:
        return "restart"
    return "restart" if stale(found, unit) else None


def main():
    module = AnsibleModule(
        argument_spec={"units": {"type": "list", "elements": "dict", "required": True}}, supports_check_mode=True
    )
    units = module.params["units"]
    found = show(module, [unit["name"] for unit in units])
    if any(block.get("NeedDaemonReload") == "yes" for block in found.values()) and not module.check_mode:
        module.run_command(["systemctl", "daemon-reload"], check_rc=True)
    done = []
    for unit in units:
        name, block = unit["name"], found[unit["name"]]
        if block["LoadState"] != "loaded":
            if unit["state"] == "stopped" or module.check_mode:
                if unit["state"] != "stopped":
                    done.append(f"{name}: start")
                continue
            # A unit file that was just written is unknown until systemd has looked again.
            module.run_command(["systemctl", "daemon-reload"], check_rc=True)
            block = show(module, [name])[name]
            if block["LoadState"] != "loaded":
                module.fail_json(msg=f"unit {name} is not on this node: its package is not installed")
        enabled = block["UnitFileState"] in ("enabled", "static", "alias")
        toggle = "enable" if unit["state"] == "started" else "disable"
        if enabled != (toggle == "enable") and block["UnitFileState"] not in ("static", "masked"):
            done.append(f"{name}: {toggle}")
            if not module.check_mode:
                module.run_command(["systemctl", "--quiet", toggle, name], check_rc=True)
        verb = action(block, unit)
        if verb is None:
            continue
        done.append(f"{name}: {verb}")
        if module.check_mode:
            continue
        code, _, error = module.run_command(["systemctl", verb, name])
        if code != 0:
            _, journal, _ = module.run_command(["journalctl", "--no-pager", "-o", "cat", "-n", "20", "-u", name])
            module.fail_json(msg=f"unit {name} did not {verb}: {error.strip()}", stdout=journal)
    module.exit_json(changed=bool(done), done=done)


if __name__ == "__main__":
    main()
