#!/usr/bin/python3
"""Ends the broker of this node with everything below it, and removes what it remembers."""

import os

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.regatta import empty

DOCUMENTATION = r"""
module: flux_wipe
short_description: Ends the broker of this node with everything below it, and removes what it remembers
options:
  directory: {description: Directory whose contents are removed., type: str, required: true}
  log: {description: Log that is set aside under the name with .old added., type: str, required: true}
"""


def main():
    module = AnsibleModule(
        argument_spec={"directory": {"type": "str", "required": True}, "log": {"type": "str", "required": True}}
    )
    # Nothing of it is kept, so nothing has to be brought to an end in order: a leader would wait for its workers and its jobs.
    module.run_command(["systemctl", "kill", "--kill-who=all", "--signal=KILL", "flux.service"])
    module.run_command(["systemctl", "stop", "flux.service"], check_rc=True)
    module.run_command(["systemctl", "reset-failed", "flux.service"])
    empty(module.params["directory"])
    log = module.params["log"]
    if os.path.exists(log):
        os.replace(log, log + ".old")
    module.exit_json(changed=True)


if __name__ == "__main__":
    main()
