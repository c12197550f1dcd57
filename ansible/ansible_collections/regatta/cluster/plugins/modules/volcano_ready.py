#!/usr/bin/python3
"""Volcano's queues as they are wanted, and a gang that ran over all nodes."""

import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.regatta.cluster.plugins.module_utils.common import run, wait
from ansible_collections.regatta.cluster.plugins.module_utils.kubernetes import Api, Fault, last_lines

DOCUMENTATION = r"""
module: volcano_ready
short_description: Volcano's queues, and a gang that ran over all nodes
description: >
  Ready means that the queues are those that are wanted, that webhooks answer where they are wanted and are not asked
  where they are not, and that a job whose tasks start all or none has run with one task on every node.
options:
  nodes: {description: Names of the nodes that run jobs., type: list, elements: str, required: true}
  namespace: {description: Where jobs live., type: str, required: true}
  image: {description: Image of the tasks., type: str, required: true}
  queues: {description: "Name, weight, capability and reclaimable of each.", type: list, elements: dict, required: true}
  webhooks: {description: Webhooks are wanted., type: bool, required: true}
  timeout: {description: Seconds until all this must hold., type: int, required: true}
  version: {description: Volcano's version., type: str, required: true}
  settings: {description: What Volcano runs with; reported as it is., type: dict, required: true}
  enforcement: {description: What control groups hold jobs to; reported as it is., type: list, elements: str, default: []}
author: Regatta
"""

QUEUES = "/apis/scheduling.volcano.sh/v1beta1/queues"
HOOKS = "/apis/admissionregistration.k8s.io/v1"
OWN = ("default", "root")
JOB = "regatta-ready"


def spec_of(queue):
    spec = {"weight": int(queue.get("weight", 1)), "reclaimable": bool(queue.get("reclaimable", True))}
    if queue.get("capability"):
        spec["capability"] = {key: str(value) for key, value in queue["capability"].items()}
    return spec


def present(spec):
    """What of a queue's specification is ours to say; a quantity may come back as a number."""
    found = {key: spec[key] for key in ("weight", "reclaimable") if key in spec}
    if spec.get("capability"):
        found["capability"] = {key: str(value) for key, value in spec["capability"].items()}
    return found


def ensure_queues(api, wanted, write):
    """Makes, changes and removes queues; returns what there was to do."""
    done = []
    there = {item["metadata"]["name"]: item for item in api.get(QUEUES)["items"]}
    for queue in wanted:
        name, spec = queue["name"], spec_of(queue)
        found = there.get(name)
        if found is None:
            done.append(f"queue {name}")
            if write:
                api.create(QUEUES, {"apiVersion": "scheduling.volcano.sh/v1beta1", "kind": "Queue", "metadata": {"name": name}, "spec": spec})
        elif spec != {**spec_of({"name": name}), **present(found["spec"])}:
            done.append(f"queue {name}")
            if write:
                change = {"spec": {**spec, "capability": spec.get("capability")}}
                status, answer = api.call("PATCH", f"{QUEUES}/{name}", change, "application/merge-patch+json")
                api.require(status, answer, f"{QUEUES}/{name}")
    for name in set(there) - {queue["name"] for queue in wanted} - set(OWN):
        done.append(f"no queue {name}")
        if write:
            # A queue ends only when it is closed.
            api.call("PATCH", f"{QUEUES}/{name}/status", {"status": {"state": "Closed"}}, "application/merge-patch+json")
            api.delete(f"{QUEUES}/{name}")
    return done


def ensure_hooks(api, wanted, write):
    """Webhooks that nobody serves would refuse every job."""
    found = []
    for kind in ("mutatingwebhookconfigurations", "validatingwebhookconfigurations"):
        for item in api.get(f"{HOOKS}/{kind}")["items"]:
            if any(hook["name"].endswith(".volcano.sh") for hook in item.get("webhooks", [])):
                found.append(f"{HOOKS}/{kind}/{item['metadata']['name']}")
    if wanted:
        if not any("validating" in path for path in found):
            raise Fault("the webhooks have not registered yet")
        return []
    for path in found if write else []:
        api.delete(path)
    return [f"no webhook {path.rsplit('/', 1)[-1]}" for path in found]


def gang(params):
    container = {"name": "ready", "image": params["image"], "imagePullPolicy": "Never", "command": ["true"]}
    return {
        "apiVersion": "batch.volcano.sh/v1alpha1",
        "kind": "Job",
        "metadata": {"name": JOB},
        "spec": {
            "schedulerName": "volcano",
            "queue": "default",
            "minAvailable": len(params["nodes"]),
            "policies": [{"event": "TaskCompleted", "action": "CompleteJob"}] if len(params["nodes"]) == 1 else [],
            "tasks": [
                {
                    "name": f"on-{number}",
                    "replicas": 1,
                    "template": {
                        "spec": {
                            "nodeSelector": {"kubernetes.io/hostname": node},
                            "restartPolicy": "Never",
                            "automountServiceAccountToken": False,
                            # A job that asks for nothing is left to the action "backfill", which not every profile has.
                            "containers": [{**container, "resources": {"requests": {"cpu": "100m", "memory": "16Mi"}}}],
                        }
                    },
                }
                for number, node in enumerate(params["nodes"])
            ],
        },
    }


def run_gang(api, params, limit):
    base = f"/apis/batch.volcano.sh/v1alpha1/namespaces/{params['namespace']}/jobs"
    path = f"{base}/{JOB}"

    def gone():
        if api.get(path) is not None:
            raise Fault("the job of an earlier run does not end")

    if api.delete(path):
        wait(gone, limit)
    wait(lambda: api.create(base, gang(params)), limit)

    def ended():
        found = api.get(path) or {}
        phase = found.get("status", {}).get("state", {}).get("phase", "no state yet")
        if phase != "Completed":
            pods = api.get(f"/api/v1/namespaces/{params['namespace']}/pods?labelSelector=volcano.sh%2Fjob-name%3D{JOB}")["items"]
            states = ", ".join(f"{pod['metadata']['name']} {pod['status'].get('phase')}" for pod in pods) or "no pods"
            raise Fault(f"a gang did not run over all nodes: it is {phase} ({states})")

    try:
        wait(ended, limit)
    finally:
        api.delete(path)
    wait(gone, max(limit, time.monotonic() + 10))


def main():
    module = AnsibleModule(
        argument_spec={
            "nodes": {"type": "list", "elements": "str", "required": True},
            "namespace": {"type": "str", "required": True},
            "image": {"type": "str", "required": True},
            "queues": {"type": "list", "elements": "dict", "required": True},
            "webhooks": {"type": "bool", "required": True},
            "timeout": {"type": "int", "required": True},
            "version": {"type": "str", "required": True},
            "settings": {"type": "dict", "required": True},
            "enforcement": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    params, write = module.params, not module.check_mode
    began = time.monotonic()
    limit = began + (params["timeout"] if write else 0)
    done = []
    try:
        api = Api()
        done += wait(lambda: ensure_hooks(api, params["webhooks"], write), limit)
        done += wait(lambda: ensure_queues(api, params["queues"], write), limit)
        if write:
            run_gang(api, params, limit)
        server = api.get("/version")["gitVersion"]
    except (Fault, OSError) as fault:
        if module.check_mode:
            module.exit_json(changed=True, reason=str(fault))
        _, journal, _ = run(["journalctl", "--no-pager", "-o", "cat", "-n", "8", "-u", "vc-scheduler", "-u", "vc-controller-manager"])
        module.fail_json(msg=f"Volcano is not ready after {time.monotonic() - began:.0f} s: {fault}", stderr=getattr(fault, "detail", ""), stdout=last_lines(journal))
    module.exit_json(
        changed=bool(done),
        done=done,
        regatta={
            "version": f"{params['version']} on {server}",
            "settings": params["settings"],
            "enforcement": "+".join(params["enforcement"]) or "none",
        },
    )


if __name__ == "__main__":
    main()
