"""
Runs a module of library/ without Ansible's own module library, which each task would compile anew on each node: most of a task's time.

A module takes part by a link here that has its name: 'ln -s light.py NAME.py'. It stays an ordinary module, which uses of AnsibleModule
only what light/ansible_module.py offers; without the link it runs as any other.
"""

import json
import os

from ansible import constants
from ansible.plugins.action import ActionBase

PLAYBOOKS = os.path.join(os.path.dirname(os.path.realpath(__file__)), os.pardir)


def text_of(*names):
    with open(os.path.join(PLAYBOOKS, *names), encoding="utf-8") as file:
        return file.read()


def program(name, arguments):
    """One text for Python's standard input: the module, what it may import, and its arguments, which are in no command line because they hold secrets."""
    shared = {
        "ansible.module_utils." + file.removesuffix(".py"): text_of("module_utils", file)
        for file in sorted(os.listdir(os.path.join(PLAYBOOKS, "module_utils")))
        if file.endswith(".py")
    }
    # Python compiles of these only what the module imports, itself or by what it imports.
    sources = {**shared, "ansible.module_utils.basic": text_of("light", "ansible_module.py"), name: text_of("library", name + ".py")}
    given = json.dumps(arguments, default=str)
    return f"MODULE = {name!r}\nARGUMENTS = {given!r}\nSOURCES = {sources!r}\n{text_of('light', 'main.py')}"


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
        interpreter = constants.config.get_config_value("INTERPRETER_PYTHON", variables=task_vars)
        if not os.path.isabs(interpreter) or not self._connection.has_pipelining:
            # Ansible has to look for Python, or to copy the module first.
            result.update(self._execute_module(task_vars=task_vars))
            return result
        arguments = {**self._task.args, "_ansible_check_mode": self._task.check_mode}
        ended = self._low_level_execute_command(f"{interpreter} -", in_data=program(name, arguments).encode())
        result.update(outcome(name, ended))
        return result
