"""What a node offers to a scheduler."""

import os

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


def facts():
    """The facts that roles read: node_cgroup, node_processors, node_cores and node_memory (MiB)."""
    return {
        "node_cgroup": cgroup(),
        "node_processors": len(os.sched_getaffinity(0)),
        "node_cores": cores(),
        "node_memory": memory(),
    }
