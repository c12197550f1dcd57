#!/usr/bin/python3
"""What the broker of a node says when it is not in its cluster."""

import base64
import os

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.regatta.cluster.plugins.module_utils.common import tail

DOCUMENTATION = r"""
module: flux_explain
short_description: What the broker of a node says when it is not in its cluster
description: Changes nothing and never fails. Returns stdout, text for a person.
options:
  program: {description: The flux program., type: str, required: true}
  uri: {description: Address of the broker., type: str, required: true}
  log: {description: Its log., type: str, required: true}
  certificate: {description: Where its certificate lies., type: str, required: true}
  expected: {description: The head's certificate as base64., type: str, required: true}
author: Regatta
"""


def certificate(path, expected):
    if not os.path.isfile(path):
        return "the certificate is not there"
    with open(path, "rb") as file:
        if file.read() != expected:
            return "the certificate is not the head's: the leader ignores this broker without a word"
    return "the certificate is the head's"


def main():
    module = AnsibleModule(
        argument_spec={
            "program": {"type": "str", "required": True},
            "uri": {"type": "str", "required": True},
            "log": {"type": "str", "required": True},
            "certificate": {"type": "str", "required": True},
            "expected": {"type": "str", "required": True, "no_log": True},
        },
        supports_check_mode=True,
    )
    params = module.params
    _, unit, _ = module.run_command(["systemctl", "is-active", "flux"])
    _, state, error = module.run_command(["timeout", "5", params["program"], "uptime"], environ_update={"FLUX_URI": params["uri"]})
    text = "\n".join(
        part
        for part in (
            "unit: " + unit.strip(),
            "broker: " + (state.strip() or error.strip() or "does not answer"),
            certificate(params["certificate"], base64.b64decode(params["expected"])),
            tail(params["log"], 8).strip(),
        )
        if part
    )
    module.exit_json(changed=False, stdout=text)


if __name__ == "__main__":
    main()
