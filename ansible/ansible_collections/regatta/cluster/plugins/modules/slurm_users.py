#!/usr/bin/python3
"""The users that jobs of an accounted Slurm run as: all at once, in the place of those that were made before."""

import fcntl
import os
import tempfile

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = r"""
module: slurm_users
short_description: The users that jobs of an accounted Slurm run as
description: >
  Users are lines of /etc/passwd that carry a mark; those of an earlier call that are not wanted any more go. All have one primary group,
  that of the stamps, and cannot log in. A user of the machine with a wanted name or number is a fault.
options:
  users:
    description: The users that there must be.
    type: list
    elements: dict
    default: []
    suboptions:
      name: {description: Its name., type: str, required: true}
      id: {description: Its number., type: int, required: true}
  group: {description: Number of the group of all of them., type: int, required: true}
author: Regatta
"""

PASSWD = "/etc/passwd"
LOCK = "/etc/.pwd.lock"
MARK = "Regatta workload"


def line_of(user, group):
    return f"{user['name']}:x:{user['id']}:{group}:{MARK}:/:/bin/sh"


def wanted(lines, users, group):
    """The lines of passwd with these users in the place of those with the mark; ValueError names one that is someone else's."""
    kept = [line for line in lines if line.split(":")[4:5] != [MARK]]
    names = {line.split(":")[0] for line in kept}
    numbers = {line.split(":")[2] for line in kept if line.count(":") >= 3}
    for user in users:
        if user["name"] in names:
            raise ValueError(f"the node has a user {user['name']} of its own; the workload's users need other names")
        if str(user["id"]) in numbers:
            raise ValueError(f"the node has a user of its own with the number {user['id']}")
    return kept + [line_of(user, group) for user in users]


def replace(lines):
    found = os.stat(PASSWD)
    handle, name = tempfile.mkstemp(dir=os.path.dirname(PASSWD), prefix=".regatta-")
    with os.fdopen(handle, "w") as file:
        file.write("\n".join(lines) + "\n")
        os.fchown(file.fileno(), found.st_uid, found.st_gid)
        os.fchmod(file.fileno(), found.st_mode & 0o7777)
    os.rename(name, PASSWD)


def main():
    module = AnsibleModule(
        argument_spec={
            "users": {"type": "list", "elements": "dict", "default": []},
            "group": {"type": "int", "required": True},
        },
        supports_check_mode=True,
    )
    # The lock that useradd and its like take, too.
    with open(LOCK, "w") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        with open(PASSWD) as file:
            lines = file.read().splitlines()
        try:
            new = wanted(lines, module.params["users"], module.params["group"])
        except ValueError as error:
            module.fail_json(msg=str(error))
        changed = new != lines
        if changed and not module.check_mode:
            replace(new)
    module.exit_json(changed=changed, done=[f"{len(module.params['users'])} users"] if changed else [])


if __name__ == "__main__":
    main()
