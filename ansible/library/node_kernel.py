#!/usr/bin/python3
"""What the node's kernel offers to a scheduler, and the few kernel settings that a benchmark wants."""

import os

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = r"""
module: node_kernel
short_description: Control groups and processors as facts; kernel settings
description: >
  Returns the facts node_cgroup (version v2, v1 or none, and the mount point), node_processors and node_memory (MiB).
  In a container every setting but those of its own network belongs to the host. It is left as it is, and named in left.
options:
  settings:
    description: Kernel settings by their sysctl names.
    type: dict
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


def in_container():
    with open("/proc/1/environ", "rb") as file:
        return any(entry.startswith(b"container=") for entry in file.read().split(b"\0"))


def apply(settings, write):
    changed, left = [], []
    container = in_container()
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


def main():
    module = AnsibleModule(argument_spec={"settings": {"type": "dict", "default": {}}}, supports_check_mode=True)
    changed, left = apply(module.params["settings"], not module.check_mode)
    module.exit_json(
        changed=bool(changed),
        settings=changed,
        left=left,
        ansible_facts={
            "node_cgroup": cgroup(),
            "node_processors": len(os.sched_getaffinity(0)),
            "node_memory": memory(),
        },
    )


if __name__ == "__main__":
    main()
