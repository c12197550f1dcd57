#!/usr/bin/python3
"""Ends all jobs and pods of the namespace of jobs: on the head the objects, on a worker what they left."""

import os
import shutil
import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.regatta.cluster.plugins.module_utils.common import empty, wait
from ansible_collections.regatta.cluster.plugins.module_utils.kubernetes import Api, Fault, ctr

DOCUMENTATION = r"""
module: kubernetes_wipe
short_description: Ends all jobs and pods of the namespace of jobs
description: The head removes the objects; every other node waits until nothing of them runs.
options:
  namespace: {description: Where jobs live., type: str, required: true}
  objects: {description: Remove the objects; else wait until no container of the namespace runs on this node., type: bool, required: true}
  logs: {description: "Logs that are copied under the name with .old added, and emptied: who writes them keeps them open.", type: list, elements: str, required: true}
  directories: {description: Directories whose contents are removed., type: list, elements: str, required: true}
  timeout: {description: Seconds until everything must have ended., type: int, default: 60}
author: Regatta
"""

PODS = "/api/v1/namespaces/{}/pods"
# In this order, so that nobody makes anew what has just been removed.
KINDS = (
    "/apis/batch.volcano.sh/v1alpha1/namespaces/{}/jobs",
    "/apis/batch/v1/namespaces/{}/jobs",
    "/apis/scheduling.volcano.sh/v1beta1/namespaces/{}/podgroups",
    "/apis/scheduling.k8s.io/v1beta1/namespaces/{}/podgroups",
    "/apis/scheduling.k8s.io/v1alpha2/namespaces/{}/podgroups",
    PODS,
    "/api/v1/namespaces/{}/events",
)
# A node that is gone never says that its pods have ended.
PATIENCE = 20


def left(api, path):
    found = api.get(path)
    return [] if found is None else found["items"]


def end_objects(params, limit):
    api = Api()
    ended = 0
    for kind in KINDS:
        path = kind.format(params["namespace"])
        ended += len(left(api, path)) if not path.endswith("/events") else 0
        api.delete(path, {"kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 1, "propagationPolicy": "Background"})
    began, forced = time.monotonic(), False
    while True:
        counts = {kind.format(params["namespace"]): len(left(api, kind.format(params["namespace"]))) for kind in KINDS[:-1]}
        if not any(counts.values()):
            return ended
        if time.monotonic() > limit:
            raise Fault("not everything has ended: " + ", ".join(f"{count} {path.rsplit('/', 1)[-1]}" for path, count in counts.items() if count))
        if time.monotonic() - began > PATIENCE and not forced:
            api.delete(PODS.format(params["namespace"]), {"kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 0})
            forced = True
        time.sleep(0.1)


def nothing_runs(namespace):
    """A pod's sandbox runs until its network is taken down. What has ended is forgotten by the kubelet later, from version 1.22 on once a minute."""
    containers = set(ctr("containers", "ls", "-q", f'labels."io.kubernetes.pod.namespace"=={namespace}'))
    tasks = [line.split() for line in ctr("tasks", "ls")[1:]]
    running = [name for name, _, state in tasks if name in containers and state != "STOPPED"]
    if running:
        raise Fault(f"{len(running)} containers have not ended")


def main():
    module = AnsibleModule(
        argument_spec={
            "namespace": {"type": "str", "required": True},
            "objects": {"type": "bool", "required": True},
            "logs": {"type": "list", "elements": "str", "required": True},
            "directories": {"type": "list", "elements": "str", "required": True},
            "timeout": {"type": "int", "default": 60},
        }
    )
    params, ended = module.params, 0
    limit = time.monotonic() + params["timeout"]
    try:
        if params["objects"]:
            ended = end_objects(params, limit)
        else:
            wait(lambda: nothing_runs(params["namespace"]), limit)
    except Fault as fault:
        module.fail_json(msg=str(fault), stderr=fault.detail)
    for log in params["logs"]:
        if os.path.exists(log):
            shutil.copy2(log, log + ".old")
            os.truncate(log, 0)
    for directory in params["directories"]:
        empty(directory)
    module.exit_json(changed=True, ended=ended)


if __name__ == "__main__":
    main()
