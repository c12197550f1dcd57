"""Stands in the place of ansible.module_utils.basic for the modules of this collection. See light.py."""

import json
import subprocess
import sys


class AnsibleModule:
    """What the modules use of Ansible's class of this name, and nothing else."""

    def __init__(self, argument_spec, supports_check_mode=False):
        given = json.loads(sys.modules["__main__"].ARGUMENTS)
        self.check_mode = bool(given.get("_ansible_check_mode"))
        self.params = {}
        unknown = sorted(name for name in given if name not in argument_spec and not name.startswith("_ansible_"))
        if unknown:
            self.fail_json(msg=f"unknown arguments: {', '.join(unknown)}")
        for name, spec in argument_spec.items():
            if given.get(name) is None and spec.get("required"):
                self.fail_json(msg=f"missing argument: {name}")
            self.params[name] = self._typed(name, given.get(name, spec.get("default")), spec.get("type", "str"))
        if self.check_mode and not supports_check_mode:
            self.exit_json(skipped=True, msg="does not support check mode")

    def _typed(self, name, value, kind):
        if value is None:
            return None
        if kind == "int":
            return int(value)
        if kind == "float":
            return float(value)
        if kind == "bool":
            return value if isinstance(value, bool) else str(value).lower() in ("1", "yes", "on", "true")
        if kind in ("list", "dict"):
            if not isinstance(value, (list if kind == "list" else dict)):
                self.fail_json(msg=f"argument {name} is no {kind}: {value}")
            return value
        return value if kind == "raw" else str(value)

    def run_command(self, args, check_rc=False):
        done = subprocess.run(args, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False)
        if check_rc and done.returncode != 0:
            self.fail_json(msg=(done.stderr or done.stdout).strip(), cmd=args, rc=done.returncode, stdout=done.stdout, stderr=done.stderr)
        return done.returncode, done.stdout, done.stderr

    def exit_json(self, **result):
        self._leave({"changed": False, **result}, 0)

    def fail_json(self, msg, **result):
        self._leave({"failed": True, "msg": msg, **result}, 1)

    def _leave(self, result, code):
        print(json.dumps(result))
        sys.exit(code)
