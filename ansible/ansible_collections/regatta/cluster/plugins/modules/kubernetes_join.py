#!/usr/bin/python3
"""Makes a machine a node of the cluster by kubeadm, and mends one that was left half made."""

import glob
import json
import os
import re
import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.regatta.cluster.plugins.module_utils.common import run
from ansible_collections.regatta.cluster.plugins.module_utils.kubernetes import IGNORED, Fault, authority, last_lines

DOCUMENTATION = r"""
module: kubernetes_join
short_description: Makes a machine a node of the cluster by kubeadm
description: >
  A node has joined when it has a certificate (kubelet.conf) of this cluster's authority. The token stands in a file that root alone can read and
  that is removed afterwards; it is in no command line and in no message.
options:
  programs: {description: Folder of kubeadm., type: str, required: true}
  config: {description: What kubeadm is told, without the discovery., type: dict, required: true}
  server: {description: The API server, ADDRESS:PORT., type: str, required: true}
  token: {description: A bootstrap token; without one only what is there is looked after., type: str, no_log: true}
  authority: {description: Hash of the authority's public key., type: str, required: true}
  timeout: {description: Seconds until it must have joined., type: int, required: true}
author: Regatta
"""

JOINED = "/etc/kubernetes/kubelet.conf"
FILE = "/run/regatta-join.json"


def reason(output):
    """What went wrong in a line, out of what kubeadm prints."""
    if re.search(r"none of the public keys .* (are|is) pinned", output):
        return "the control plane's certificate is not signed by the authority that the cluster was made with"
    if "could not find a JWS signature" in output or "Unauthorized" in output:
        return "the control plane does not know the token, or it has expired"
    if "connection refused" in output or "i/o timeout" in output or "no route to host" in output:
        return "the control plane does not answer"
    return "kubeadm join failed"


def half_done():
    return any(glob.glob(pattern) for pattern in (JOINED, "/etc/kubernetes/bootstrap-kubelet.conf", "/etc/kubernetes/pki/*", "/var/lib/kubelet/config.yaml"))


def join(params, done):
    kubeadm = os.path.join(params["programs"], "kubeadm")
    limit = time.monotonic() + params["timeout"]
    if half_done():
        code, output, error = run([kubeadm, "reset", "--force"], params["timeout"])
        if code != 0:
            raise Fault("kubeadm reset failed", last_lines(output + error))
        done.append("reset what a join had left half done")
    config = dict(params["config"])
    config["discovery"] = {
        # Half of the time: what is left is the node's own certificate.
        "timeout": f"{max(params['timeout'] // 2, 5)}s",
        "tlsBootstrapToken": params["token"],
        "bootstrapToken": {"apiServerEndpoint": params["server"], "token": params["token"], "caCertHashes": [params["authority"]]},
    }
    if config["apiVersion"] not in ("kubeadm.k8s.io/v1beta2", "kubeadm.k8s.io/v1beta3"):
        config["timeouts"] = {"discovery": config["discovery"].pop("timeout")}
    try:
        with open(os.open(FILE, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
            json.dump(config, file)
        code, output, error = run([kubeadm, "join", "--config", FILE, f"--ignore-preflight-errors={IGNORED}"], limit - time.monotonic())
    finally:
        if os.path.exists(FILE):
            os.unlink(FILE)
    if code != 0:
        raise Fault(reason(output + error), last_lines(output + error))
    done.append("join")


def main():
    module = AnsibleModule(
        argument_spec={
            "programs": {"type": "str", "required": True},
            "config": {"type": "dict", "required": True},
            "server": {"type": "str", "required": True},
            "token": {"type": "str", "no_log": True},
            "authority": {"type": "str", "required": True},
            "timeout": {"type": "int", "required": True},
        },
        supports_check_mode=True,
    )
    params, done = module.params, []
    joined = os.path.exists(JOINED) and authority() == params["authority"]
    if module.check_mode:
        module.exit_json(changed=not joined)
    began = time.monotonic()
    try:
        if not joined:
            join(params, done)
            run(["systemctl", "enable", "--quiet", "--no-reload", "kubelet"])
        code, _, error = run(["systemctl", "start", "kubelet"])
        if code != 0:
            raise Fault("kubelet does not start", error)
    except Fault as fault:
        module.fail_json(msg=f"the node has not joined after {time.monotonic() - began:.0f} s: {fault}", stderr=fault.detail)
    module.exit_json(changed=bool(done), done=done)


if __name__ == "__main__":
    main()
