#!/usr/bin/python3
"""A bootstrap token of short life, with which nodes may join."""

import os

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.regatta.cluster.plugins.module_utils.common import run
from ansible_collections.regatta.cluster.plugins.module_utils.kubernetes import Api, Fault, last_lines

DOCUMENTATION = r"""
module: kubernetes_token
short_description: A bootstrap token of short life
description: >
  Call it with no_log, since it returns the token. The cluster forgets the nodes that are to join: kubeadm takes none whose name it knows.
options:
  programs: {description: Folder of kubeadm., type: str, required: true}
  nodes: {description: Names of the nodes that are to join., type: list, elements: str, required: true}
  life: {description: How long the token is good for, such as 10m., type: str, required: true}
author: Regatta
"""


def main():
    module = AnsibleModule(
        argument_spec={
            "programs": {"type": "str", "required": True},
            "nodes": {"type": "list", "elements": "str", "required": True},
            "life": {"type": "str", "required": True},
        },
        supports_check_mode=True,
    )
    if module.check_mode:
        module.exit_json(changed=True)
    try:
        api = Api()
        for node in module.params["nodes"]:
            api.delete(f"/api/v1/nodes/{node}")
        code, output, error = run([os.path.join(module.params["programs"], "kubeadm"), "token", "create", "--ttl", module.params["life"]])
        if code != 0:
            raise Fault("kubeadm made no token", last_lines(error))
        module.exit_json(changed=True, token=output.strip())
    except Fault as fault:
        module.fail_json(msg=str(fault), stderr=fault.detail)


if __name__ == "__main__":
    main()
