#!/usr/bin/python3
"""What a node offers to a scheduler, as facts; its kernel settings and the users that jobs and daemons run as."""

import grp
import hashlib
import os
import pwd

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = r"""
module: node_base
short_description: Facts about a node, its kernel settings and the users that jobs and daemons run as
description: >
  Returns the facts node_cgroup (version v2, v1 or none, and the mount point), node_processors, node_cores (processors
  that share a core count once), node_memory (MiB) and node_checksums (sha256 of files by their paths; those that are not there are left out).
  In a container every setting but those of its own network belongs to the host. It is left as it is, and named in left.
options:
  settings:
    description: Kernel settings by their sysctl names.
    type: dict
  users:
    description: Name, id and home of each user that is made with a group of its own.
    type: list
  checksums:
    description: Files to compute checksums of.
    type: list
"""

V1_CONTROLLERS = ("cpuset", "memory", "freezer", "cpuacct")


def mounts():
    with open("/proc/self/mounts") as file:
        return {fields[1]: fields for fields in (line.split() for line in file)}


def cgroup():
    mounted = mounts()
    with open("/proc/self/cgroup") as file:
        unified = [line.startswith("0::") for line in file]
    if unified == [True]:
        with open("/sys/fs/cgroup/cgroup.controllers") as file:
            controllers = file.read().split()
        usable = {"cpuset", "memory"} <= set(controllers)
        return {"version": "v2" if usable else "none", "mountpoint": "/sys/fs/cgroup"}
    for root in ("/cg", "/sys/fs/cgroup"):
        points = [mounted.get(os.path.join(root, name)) for name in V1_CONTROLLERS]
        if all(point and point[2] == "cgroup" and "rw" in point[3].split(",") for point in points):
            return {"version": "v1", "mountpoint": root}
    return {"version": "none", "mountpoint": ""}


def memory():
    with open("/proc/meminfo") as file:
        return next(int(line.split()[1]) // 1024 for line in file if line.startswith("MemTotal:"))


def cores():
    """How many cores the usable processors belong to."""
    found = set()
    for number in os.sched_getaffinity(0):
        names = []
        for name in ("physical_package_id", "core_id"):
            path = f"/sys/devices/system/cpu/cpu{number}/topology/{name}"
            if not os.path.exists(path):
                return len(os.sched_getaffinity(0))
            with open(path) as file:
                names.append(file.read().strip())
        found.add(tuple(names))
    return len(found)


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


def checksum(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


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
            "users": {"type": "list", "elements": "dict", "default": []},
            "checksums": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    done, left = apply(module.params["settings"], not module.check_mode)
    for user in module.params["users"]:
        if ensure_user(module, user["name"], user["id"], user["home"]):
            done.append(f"user {user['name']}")
    module.exit_json(
        changed=bool(done),
        done=done,
        left=left,
        ansible_facts={
            "node_cgroup": cgroup(),
            "node_processors": len(os.sched_getaffinity(0)),
            "node_cores": cores(),
            "node_memory": memory(),
            "node_checksums": {path: checksum(path) for path in module.params["checksums"] if os.path.isfile(path)},
        },
    )


if __name__ == "__main__":
    main()
