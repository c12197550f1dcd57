#!/usr/bin/python3
"""What of Kubernetes is on a node: programs and their version, archives of containers, and how far the node has come."""

import glob
import json
import os
import re
import tarfile

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.regatta.cluster.plugins.module_utils.common import run
from ansible_collections.regatta.cluster.plugins.module_utils.kubernetes import authority

DOCUMENTATION = r"""
module: kubernetes_node
short_description: What of Kubernetes is on a node
description: >
  Returns the facts kubernetes_version (such as v1.20.2), kubernetes_minor, kubernetes_programs (their folder),
  kubernetes_images (a map from names such as kube-apiserver to the archive, the image's name there and the one it has here),
  kubernetes_joined (the hash of the authority that gave the node its certificate), kubernetes_container (it is a container),
  kubernetes_emulating and kubernetes_proxying (it has played nodes, or kube-proxy has run on it).
options:
  programs: {description: Folders that may hold kubeadm; the first that does counts., type: list, elements: str, required: true}
  containers: {description: Folders with archives of containers; the first archive of a name counts., type: list, elements: str, required: true}
  wanted: {description: Names of images that there must be an archive of., type: list, elements: str, default: []}
  repository: {description: What the names of the control plane's images begin with., type: str, required: true}
author: Regatta
"""


def tags(path):
    """Names of the images in an archive, as docker save and containerd write it."""
    with tarfile.open(path) as archive:
        for member in archive:
            if member.name in ("manifest.json", "index.json"):
                content = json.load(archive.extractfile(member))
                if member.name == "manifest.json":
                    return [tag for image in content for tag in image.get("RepoTags") or []]
                names = [image.get("annotations", {}).get("io.containerd.image.name") for image in content["manifests"]]
                if any(names):
                    return [name for name in names if name]
    return []


def images(folders, repository):
    found = {}
    for folder in folders:
        for path in sorted(glob.glob(os.path.join(folder, "*.tar"))):
            for tag in tags(path):
                name = re.sub(r"-amd64$", "", tag.rsplit("/", 1)[-1].rsplit(":", 1)[0])
                here = tag if tag.startswith("localhost/regatta/") else f"{repository}/{name}:{tag.rsplit(':', 1)[-1]}"
                found.setdefault(name, {"archive": path, "tag": tag, "image": here, "version": here.rsplit(":", 1)[-1]})
    return found


def main():
    module = AnsibleModule(
        argument_spec={
            "programs": {"type": "list", "elements": "str", "required": True},
            "containers": {"type": "list", "elements": "str", "required": True},
            "wanted": {"type": "list", "elements": "str", "default": []},
            "repository": {"type": "str", "required": True},
        },
        supports_check_mode=True,
    )
    folder = next((folder for folder in module.params["programs"] if os.path.exists(os.path.join(folder, "kubeadm"))), None)
    if folder is None:
        module.fail_json(msg="this node has no kubeadm: its image is not 'kubernetes', or its payload lacks it")
    code, output, error = run([os.path.join(folder, "kubeadm"), "version", "-o", "short"])
    if code != 0:
        module.fail_json(msg=f"kubeadm does not tell its version: {error.strip()}")
    version = output.strip()
    archives = images(module.params["containers"], module.params["repository"])
    missing = sorted(set(module.params["wanted"]) - set(archives))
    if missing:
        module.fail_json(msg=f"this node has no archive of {', '.join(missing)}: it belongs into the folder 'containers' of the payload 'kubernetes', from which the image is locked and built anew")
    with open("/proc/1/environ", "rb") as file:
        container = any(entry.startswith(b"container=") for entry in file.read().split(b"\0"))
    module.exit_json(
        changed=False,
        ansible_facts={
            "kubernetes_version": version,
            "kubernetes_minor": int(version.split(".")[1]),
            "kubernetes_programs": folder,
            "kubernetes_images": archives,
            "kubernetes_joined": authority() if os.path.exists("/etc/kubernetes/kubelet.conf") else "",
            "kubernetes_container": container,
            "kubernetes_emulating": os.path.exists("/etc/systemd/system/regatta-emulated-nodes.service"),
            "kubernetes_proxying": os.path.exists("/etc/kubernetes/kube-proxy.yaml"),
        },
    )


if __name__ == "__main__":
    main()
