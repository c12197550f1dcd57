"""
Runs a module of this collection without Ansible's own module library, which each task would compile anew on each node: most of a task's time.

A module takes part by an action plugin of its name that has this ActionModule. It stays an ordinary module, which uses of AnsibleModule
only what light_basic.py offers; without the plugin it runs as any other.
"""

import json
import os

from ansible import constants
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.regatta.cluster.plugins.plugin_utils.arguments import faults

PLUGINS = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
PACKAGE = "ansible_collections.regatta.cluster.plugins.module_utils."


def text_of(*names):
    with open(os.path.join(PLUGINS, *names), encoding="utf-8") as file:
        return file.read()


def program(name, arguments):
    """One text for Python's standard input: the module, what it may import, and its arguments, which are in no command line because they hold secrets."""
    shared = {
        PACKAGE + file.removesuffix(".py"): text_of("module_utils", file)
        for file in sorted(os.listdir(os.path.join(PLUGINS, "module_utils")))
        if file.endswith(".py")
    }
    # Python compiles of these only what the module imports, itself or by what it imports.
    sources = {**shared, "ansible.module_utils.basic": text_of("plugin_utils", "light_basic.py"), name: text_of("modules", name + ".py")}
    given = json.dumps(arguments, default=str)
    return f"MODULE = {name!r}\nARGUMENTS = {given!r}\nSOURCES = {sources!r}\n{text_of('plugin_utils', 'light_main.py')}"


def outcome(name, ended):
    """What the module returned: the last line that it printed."""
    lines = ended["stdout"].strip().splitlines()
    try:
        result = json.loads(lines[-1])
    except (IndexError, ValueError):
        result = None
    if isinstance(result, dict):
        return result
    return {
        "failed": True,
        "msg": f"{name} ended with exit code {ended['rc']} and returned nothing",
        "module_stdout": ended["stdout"],
        "module_stderr": ended["stderr"],
        "rc": ended["rc"],
    }


class ActionModule(ActionBase):
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        name = self._task.action.rpartition(".")[2]
        self._validate(self._task.args.pop("validate", []), task_vars)
        interpreter = constants.config.get_config_value("INTERPRETER_PYTHON", variables=task_vars)
        if not os.path.isabs(interpreter) or not self._connection.has_pipelining:
            # Ansible has to look for Python, or to copy the module first.
            result.update(self._execute_module(task_vars=task_vars))
            return result
        arguments = {**self._task.args, "_ansible_check_mode": self._task.check_mode}
        ended = self._low_level_execute_command(f"{interpreter} -", in_data=program(name, arguments).encode())
        result.update(outcome(name, ended))
        return result

    def _validate(self, roles, task_vars):
        found = [fault for role in roles for fault in faults(role, self._loader, task_vars, self._templar.template)]
        if found:
            raise AnsibleActionFail("variables of the inventory are not what the roles ask for: " + "; ".join(found))
