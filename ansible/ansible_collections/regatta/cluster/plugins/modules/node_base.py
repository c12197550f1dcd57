#!/usr/bin/python3
"""What a node offers to a scheduler, as facts; its kernel settings and the users that jobs and daemons run as."""

import grp
import hashlib
import os
import pwd

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.regatta.cluster.plugins.module_utils.files import OPTIONS, ensure_files
from ansible_collections.regatta.cluster.plugins.module_utils.facts import facts

DOCUMENTATION = r"""
module: node_base
short_description: Facts about a node, its kernel settings and the users that jobs and daemons run as
description: >
  Returns the facts node_cgroup (version v2, v1 or none, and the mount point), node_processors, node_cores (processors
  that share a core count once) and node_memory (MiB).
  In a container every setting but those of its own network belongs to the host. It is left as it is, and named in left.
options:
  settings:
    description: Kernel settings by their sysctl names.
    type: dict
    default: {}
  users:
    description: Users that are made, each with a group of its own.
    type: list
    elements: dict
    default: []
    suboptions:
      name: {description: Its name., type: str, required: true}
      id: {description: Number of the user and of the group., type: int, required: true}
      home: {description: Its home., type: path, required: true}
  files:
    description: What there must be, in order; as node_apply has it.
    type: list
    elements: dict
    default: []
  program:
    description: >
      A program of the machine that runs Ansible, which everybody may run on the node. Where it is another one it is put there in one
      transfer and one command.
    type: dict
    suboptions:
      src: {description: The file on the machine that runs Ansible., type: path, required: true}
      dest: {description: Its path on the node., type: path, required: true}
      checksum: {description: sha256 of src., type: str, required: true}
  validate:
    description: Roles to whose argument specifications the variables are held before anything is done; no argument of the module itself.
    type: list
    elements: str
    default: []
author: Regatta
"""


USER = {"name": {"type": "str", "required": True}, "id": {"type": "int", "required": True}, "home": {"type": "path", "required": True}}
PROGRAM = {"src": {"type": "path", "required": True}, "dest": {"type": "path", "required": True}, "checksum": {"type": "str", "required": True}}


def checksum(path):
    """sha256 of a file; None when there is none."""
    if not os.path.isfile(path):
        return None
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def in_container():
    with open("/proc/1/environ", "rb") as file:
        return any(entry.startswith(b"container=") for entry in file.read().split(b"\0"))


def apply(settings, write):
    changed, left = [], []
    container = bool(settings) and in_container()
    for name, value in sorted(settings.items()):
        path = "/proc/sys/" + name.replace(".", "/")
        if not os.path.exists(path) or (container and not name.startswith("net.")):
            left.append(name)
            continue
        with open(path) as file:
            if file.read().split() == str(value).split():
                continue
        if not os.access(path, os.W_OK):
            left.append(name)
            continue
        changed.append(name)
        if write:
            with open(path, "w") as file:
                file.write(str(value))
    return changed, left


def ensure_user(module, name, number, home):
    """Makes the user; returns whether there was something to make."""
    number = int(number)
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        found = None
    if found is not None:
        if (found.pw_uid, found.pw_gid) != (number, number):
            module.fail_json(msg=f"user {name} has the numbers {found.pw_uid}:{found.pw_gid}, not {number}:{number}")
        return False
    if not module.check_mode:
        if name not in (group.gr_name for group in grp.getgrall()):
            module.run_command(["groupadd", "--system", "--gid", str(number), name], check_rc=True)
        module.run_command(
            ["useradd", "--system", "--uid", str(number), "--gid", name, "--home-dir", home, "--no-create-home", "--shell", "/bin/sh", name],
            check_rc=True,
        )
    return True


def main():
    module = AnsibleModule(
        argument_spec={
            "settings": {"type": "dict", "default": {}},
            "users": {"type": "list", "elements": "dict", "options": USER, "default": []},
            "files": {"type": "list", "elements": "dict", "options": OPTIONS, "default": []},
            "program": {"type": "dict", "options": PROGRAM},
        },
        supports_check_mode=True,
    )
    done, left = apply(module.params["settings"], not module.check_mode)
    for user in module.params["users"]:
        if ensure_user(module, user["name"], user["id"], user["home"]):
            done.append(f"user {user['name']}")
    paths, differences = ensure_files(module, module.params["files"])
    done += paths
    program = module.params["program"]
    module.exit_json(
        changed=bool(done), done=done, left=left, diff=differences, ansible_facts=facts(), program=checksum(program["dest"]) if program else None
    )


if __name__ == "__main__":
    main()
