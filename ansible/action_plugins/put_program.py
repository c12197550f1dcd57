"""Puts a program of this machine on a node in one transfer and one command; 'copy' takes four, and a start of Python."""

import shlex
import uuid

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        source, target = (self._task.args.get(name) for name in ("src", "dest"))
        if not source or not target:
            raise AnsibleActionFail("put_program needs src and dest")
        changed = not self._task.args.get("checksum") or self._task.args.get("found") != self._task.args["checksum"]
        result.update(changed=changed, done=[target] if changed else [])
        if not changed or self._task.check_mode:
            return result
        # The directory may not be the login user's to write to: the file waits elsewhere, and is put in its place at once.
        waiting = f"/tmp/.regatta-{uuid.uuid4().hex}"
        self._connection.put_file(source, waiting)
        place = f"install -o root -g root -m 0755 {waiting} {shlex.quote(target)}.new && mv -f {shlex.quote(target)}.new {shlex.quote(target)}; code=$?; rm -f {waiting}; exit $code"
        placed = self._low_level_execute_command(place)
        if placed["rc"] != 0:
            raise AnsibleActionFail(f"{target} cannot be written", result={"stdout": placed["stdout"], "stderr": placed["stderr"]})
        return result
