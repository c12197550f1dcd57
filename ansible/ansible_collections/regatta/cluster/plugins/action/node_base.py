"""Runs the module node_base light, then puts the program that it did not find in one transfer and one command; 'copy' takes four, and a start of Python."""

import shlex
import uuid

from ansible.errors import AnsibleActionFail
from ansible_collections.regatta.cluster.plugins.plugin_utils import light


class ActionModule(light.ActionModule):
    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        wanted = self._task.args.get("program")
        if result.get("failed") or not wanted or result.get("program") == wanted["checksum"]:
            return result
        result.update(changed=True, done=[*result["done"], wanted["dest"]])
        if not self._task.check_mode:
            self._put(wanted["src"], wanted["dest"])
        return result

    def _put(self, source, target):
        # The directory may not be the login user's to write to: the file waits elsewhere, and is put in its place at once.
        waiting = f"/tmp/.regatta-{uuid.uuid4().hex}"
        self._connection.put_file(source, waiting)
        target = shlex.quote(target)
        place = f"install -o root -g root -m 0755 {waiting} {target}.new && mv -f {target}.new {target}; code=$?; rm -f {waiting}; exit $code"
        placed = self._low_level_execute_command(place)
        if placed["rc"] != 0:
            raise AnsibleActionFail(f"{target} cannot be written", result={"stdout": placed["stdout"], "stderr": placed["stderr"]})
