"""
Runs a module of library/ without Ansible's own module library, which each task would compile anew on each node: most of a task's time.

A module takes part by a link here that has its name: 'ln -s light.py NAME.py'. It stays an ordinary module, which uses of AnsibleModule
only what light/ansible_module.py offers; without the link it runs as any other.
"""

import json
import os
import re

from ansible.errors import AnsibleActionFail
from ansible.parsing.ajson import AnsibleJSONEncoder
from ansible.plugins.action import ActionBase
from ansible.utils.vars import merge_hash

IMPORT = "from ansible.module_utils.basic import AnsibleModule\n"
SHARED = re.compile(r"^from ansible\.module_utils\.(regatta\w*) import .*\n", re.MULTILINE)
PLAYBOOKS = os.path.join(os.path.dirname(os.path.realpath(__file__)), os.pardir)


def text_of(*names):
    with open(os.path.join(PLAYBOOKS, *names), encoding="utf-8") as file:
        return file.read()


class ActionModule(ActionBase):
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        return merge_hash(super().run(tmp, task_vars), self._execute_module(task_vars=task_vars))

    def _configure_module(self, module_name, module_args, task_vars):
        path = self._shared_loader_obj.module_loader.find_plugin(module_name, "")
        with open(path, encoding="utf-8") as file:
            source = file.read()
        if IMPORT not in source:
            raise AnsibleActionFail(f"{path} does not have the line: {IMPORT.strip()}")
        arguments = json.dumps(module_args, cls=AnsibleJSONEncoder, vault_to_text=True)
        # On standard input, as pipelined modules are: arguments hold secrets.
        source = source.replace(IMPORT, f"ARGUMENTS = {arguments!r}\n{text_of('light', 'ansible_module.py')}", 1)
        # What modules share goes with them, as it stands.
        source = SHARED.sub(lambda line: text_of("module_utils", line.group(1) + ".py"), source)
        interpreter = (task_vars or {}).get("ansible_python_interpreter", "/usr/bin/python3")
        return "new", f"#!{interpreter}", source.encode(), path
