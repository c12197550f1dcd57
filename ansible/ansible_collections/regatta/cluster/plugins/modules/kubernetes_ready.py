#!/usr/bin/python3
"""Waits until Kubernetes really runs pods: on the head, with one on every node."""

import json
import re
import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.regatta.cluster.plugins.module_utils.common import wait
from ansible_collections.regatta.cluster.plugins.module_utils.kubernetes import Api, Fault, healthy

DOCUMENTATION = r"""
module: kubernetes_ready
short_description: Waits until Kubernetes really runs pods
description: >
  Ready means that the API server is, that every node of the inventory is and no other, and that a pod of the scheduler's choosing has
  run on every one. In check mode it only looks once and runs no pod. Bootstrap tokens end when every node is there.
options:
  nodes: {description: Names of the nodes that run jobs., type: list, elements: str, required: true}
  head: {description: Name of the head., type: str, required: true}
  namespace: {description: Where jobs live., type: str, required: true}
  image: {description: Image of the pod., type: str, required: true}
  emulated: {description: How many nodes there are beside those; without any those of before are forgotten., type: int, default: 0}
  timeout: {description: Seconds until all this must hold., type: int, required: true}
  proxier: {description: A service's address must answer on every node., type: bool, default: false}
  dns: {description: A service's name must lead to it on every node., type: bool, default: false}
  enforcement: {description: What control groups hold jobs to; reported as it is., type: list, elements: str, default: []}
  version: {description: Reported instead of the server's version; the server's is put behind., type: str, default: ''}
  scheduler: {description: The scheduler of the pods., type: str, default: default-scheduler}
author: Regatta
"""


EMULATED = "regatta%2Femulated"
COMPONENTS = {"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"}


def node_states(api, params):
    states = {}
    for node in api.get("/api/v1/nodes")["items"]:
        ready = next((c for c in node["status"].get("conditions", []) if c["type"] == "Ready"), None)
        taints = [t["key"] for t in node["spec"].get("taints", []) if t["key"].startswith("node.kubernetes.io/")]
        good = ready and ready["status"] == "True" and not taints
        states[node["metadata"]["name"]] = "ready" if good else (ready or {}).get("message") or ", ".join(taints) or "not ready"
    wrong = [f"{name}: {states.get(name, 'has not joined')}" for name in [params["head"], *params["nodes"]] if states.get(name) != "ready"]
    if wrong:
        raise Fault("not every node is ready: " + "; ".join(wrong))
    others = sum(state == "ready" for name, state in states.items() if name != params["head"] and name not in params["nodes"])
    if others < params["emulated"]:
        raise Fault(f"{others} of {params['emulated']} emulated nodes are ready")


def forget_emulated(api, write):
    """Nodes that nobody plays any more; returns their names."""
    path = f"/api/v1/nodes?labelSelector={EMULATED}"
    names = [node["metadata"]["name"] for node in api.get(path)["items"]]
    if names and write:
        api.delete(path)
    return names


def end_tokens(api):
    """Nobody has still to join."""
    tokens = api.get("/api/v1/namespaces/kube-system/secrets?fieldSelector=type%3Dbootstrap.kubernetes.io%2Ftoken")["items"]
    for token in tokens:
        api.delete(f"/api/v1/namespaces/kube-system/secrets/{token['metadata']['name']}")
    return len(tokens)


def errand(params):
    """What the pod does: it ends once services are there, where they are asked for."""
    asks = (["nc -w 2 $KUBERNETES_SERVICE_HOST $KUBERNETES_SERVICE_PORT < /dev/null"] if params["proxier"] else []) + (
        ["nslookup -type=a kubernetes.default.svc.cluster.local"] if params["dns"] else []
    )
    return ["sh", "-c", f"until {' && '.join(asks)}; do sleep 0.2; done"] if asks else ["true"]


def pod(node, params):
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": f"regatta-ready-{node}", "labels": {"regatta": "ready"}},
        "spec": {
            "schedulerName": params["scheduler"],
            "nodeSelector": {"kubernetes.io/hostname": node},
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "terminationGracePeriodSeconds": 0,
            "containers": [{"name": "ready", "image": params["image"], "imagePullPolicy": "Never", "command": errand(params)}],
        },
    }


def why(api, base, name):
    """What the cluster says about a pod that has not run."""
    found = api.get(f"{base}/{name}")
    if found is None:
        return "it is gone"
    status = found["status"]
    words = [c.get("message", "") for c in status.get("conditions", []) if c["status"] != "True"]
    for container in status.get("containerStatuses", []):
        words += [f"{kind}: {state.get('reason', '')} {state.get('message', '')}" for kind, state in container["state"].items() if kind != "running"]
    events = api.get(f"{base.rsplit('/', 1)[0]}/events?fieldSelector=involvedObject.name%3D{name}")["items"]
    words += [event.get("message", "") for event in events[-2:]]
    if status.get("phase") == "Running":
        words.append("it runs; what it asks for services fails: " + " ".join(found["spec"]["containers"][0]["command"]))
    return "; ".join(word.strip() for word in dict.fromkeys(words) if word.strip()) or status.get("phase", "")


def name_servers(api):
    """What keeps the server of names from answering."""
    base = "/api/v1/namespaces/kube-system/pods"
    found = api.get(f"{base}?labelSelector=k8s-app%3Dkube-dns")["items"]
    return [f"the server of names: {why(api, base, pod['metadata']['name'])}" for pod in found] or ["there is no server of names"]


def run_pods(api, params, limit):
    base = f"/api/v1/namespaces/{params['namespace']}/pods"
    names = {f"regatta-ready-{node}": node for node in params["nodes"]}
    for name in names:
        api.delete(f"{base}/{name}?gracePeriodSeconds=0")
    try:
        for node in params["nodes"]:
            # The namespace's service account is made a moment after the namespace.
            wait(lambda node=node: api.create(base, pod(node, params)), limit)

        def all_ran():
            phases = {item["metadata"]["name"]: item["status"].get("phase") for item in api.get(f"{base}?labelSelector=regatta%3Dready")["items"]}
            missing = [name for name in names if phases.get(name) != "Succeeded"]
            if missing:
                raise Fault("a pod did not run on " + ", ".join(names[name] for name in missing))

        try:
            wait(all_ran, limit)
        except Fault as fault:
            missing = [name for name in names if names[name] in str(fault)]
            lines = [f"{names[name]}: {why(api, base, name)}" for name in missing]
            raise Fault(str(fault), "\n".join([*lines, *(name_servers(api) if params["dns"] else [])])) from fault
    finally:
        for name in names:
            api.delete(f"{base}/{name}?gracePeriodSeconds=0")


def configured(path):
    """The plain values of the scheduler's configuration, as the file that it runs with has them."""
    with open(path) as file:
        content = json.load(file)
    plain = {key: value for key, value in content.items() if not isinstance(value, (dict, list)) and key not in ("apiVersion", "kind")}
    return {f"{content['kind']}.{key}": value if isinstance(value, str) else json.dumps(value) for key, value in plain.items()}


def settings(api):
    """The flags of the control plane, as the running pods have them, the scheduler's configuration, and the version of etcd."""
    found, named = {}, set()
    for item in api.get("/api/v1/namespaces/kube-system/pods?labelSelector=tier%3Dcontrol-plane")["items"]:
        component = item["metadata"]["labels"]["component"]
        for flag in item["spec"]["containers"][0]["command"][1:]:
            match = re.fullmatch(r"--([a-z0-9-]+)=(.*)", flag)
            if match and not match.group(2).startswith("/") and not re.search(r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+", match.group(2)):
                found[f"{component}.{match.group(1)}"] = match.group(2)
            elif match and component == "kube-scheduler" and match.group(1) == "config":
                found.update(configured(match.group(2)))
        if component == "etcd":
            found["etcd.version"] = item["spec"]["containers"][0]["image"].rsplit(":", 1)[-1]
        named.add(component)
    if not COMPONENTS <= named:
        raise Fault("the API server does not know yet what runs of the control plane: " + ", ".join(sorted(COMPONENTS - named)))
    return found


def main():
    module = AnsibleModule(
        argument_spec={
            "nodes": {"type": "list", "elements": "str", "required": True},
            "head": {"type": "str", "required": True},
            "namespace": {"type": "str", "required": True},
            "image": {"type": "str", "required": True},
            "emulated": {"type": "int", "default": 0},
            "timeout": {"type": "int", "required": True},
            "proxier": {"type": "bool", "default": False},
            "dns": {"type": "bool", "default": False},
            "enforcement": {"type": "list", "elements": "str", "default": []},
            "version": {"type": "str", "default": ""},
            "scheduler": {"type": "str", "default": "default-scheduler"},
        },
        supports_check_mode=True,
    )
    params = module.params
    began = time.monotonic()
    limit = began + (0 if module.check_mode else params["timeout"])
    ended, forgotten = 0, []
    try:
        api = Api()
        wait(lambda: healthy(api), limit)
        if params["emulated"] == 0:
            forgotten = forget_emulated(api, not module.check_mode)
        wait(lambda: node_states(api, params), limit)
        if not module.check_mode:
            ended = end_tokens(api)
            run_pods(api, params, limit)
        server = api.get("/version")["gitVersion"]
        found = wait(lambda: settings(api), limit)
        # What a pod on every node has just asked.
        found.update({f"services.{name}": "on" if params[key] else "off" for name, key in (("kube-proxy", "proxier"), ("dns", "dns"))})
    except (Fault, OSError) as fault:
        if module.check_mode:
            module.exit_json(changed=True, reason=str(fault))
        module.fail_json(msg=f"Kubernetes is not ready after {time.monotonic() - began:.0f} s: {fault}", stderr=getattr(fault, "detail", ""))
    module.exit_json(
        changed=bool(ended or forgotten),
        regatta={
            "version": f"{params['version']} on {server}" if params["version"] else server,
            "settings": found,
            "enforcement": "+".join(params["enforcement"]) or "none",
        },
    )


if __name__ == "__main__":
    main()
