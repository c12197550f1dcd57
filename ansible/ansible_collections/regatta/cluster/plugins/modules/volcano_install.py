#!/usr/bin/python3
"""Gives the API server Volcano's kinds of objects, and its webhooks a certificate."""

import hashlib
import os
import re
import socket
import subprocess
import tempfile

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.regatta.cluster.plugins.module_utils.common import run
from ansible_collections.regatta.cluster.plugins.module_utils.kubernetes import ADMIN, Fault, authority, first_existing, last_lines

DOCUMENTATION = r"""
module: volcano_install
short_description: Gives the API server Volcano's kinds of objects
description: >
  Of the installer manifest only namespaces and kinds of objects are taken: the programs run as units of the head.
  Returns the facts volcano_version and volcano_programs.
options:
  prefix: {description: Where the payload lies., type: str, required: true}
  kubectl: {description: The program., type: str, required: true}
  certificate: {description: Folder of the webhooks' key and certificate., type: str, required: true}
  address: {description: The head's address., type: str, required: true}
author: Regatta
"""

PROGRAMS = ("vc-scheduler", "vc-controller-manager", "vc-webhook-manager")
WANTED = ("CustomResourceDefinition", "Namespace")
AUTHORITY = "/etc/kubernetes/pki/ca"


def programs(prefix):
    """The folder of the programs: a payload made of an image has them at its top."""
    for folder in (os.path.join(prefix, "bin"), prefix):
        if all(os.access(os.path.join(folder, name), os.X_OK) for name in PROGRAMS):
            return folder
    raise Fault(f"there is no Volcano under {prefix}: the image was locked without it", "regatta image lock kubernetes --payload volcano=SOURCE brings it in")


def manifest(prefix):
    found = first_existing([os.path.join(prefix, name) for name in ("volcano-development.yaml", "installer/volcano-development.yaml", "volcano.yaml")])
    if found is None:
        raise Fault(f"the payload under {prefix} has no installer manifest (volcano-development.yaml)")
    with open(found) as file:
        parts = re.split(r"^---\s*$", file.read(), flags=re.MULTILINE)

    def kind(part):
        return (re.search(r"^kind: *[\"']?(\w+)", part, re.MULTILINE) or [None, ""])[1]

    chosen = [part for part in parts if kind(part) in WANTED]
    if not any(kind(part) == "CustomResourceDefinition" for part in chosen):
        raise Fault(f"{found} defines no kinds of objects")
    return "---".join(chosen)


def version(folder):
    code, output, error = run([os.path.join(folder, "vc-scheduler"), "--version"])
    match = re.search(r"^Version: *(\S+)", output + error, re.MULTILINE)
    if code != 0 or not match:
        raise Fault("vc-scheduler does not tell its version", last_lines(output + error))
    return match.group(1)


def apply(module, done):
    """kubectl finds something to change each time: a file says for which manifest and which cluster it was done."""
    text = manifest(module.params["prefix"])
    wanted = f"{hashlib.sha256(text.encode()).hexdigest()} {authority()}\n"
    marker = os.path.join(module.params["certificate"], "applied")
    if os.path.exists(marker):
        with open(marker) as file:
            if file.read() == wanted:
                return
    done.append("kinds of objects")
    if module.check_mode:
        return
    code, output, error = run([module.params["kubectl"], "--kubeconfig", ADMIN, "apply", "-f", "-"], timeout=60, stdin=text)
    if code != 0:
        raise Fault("the API server does not take Volcano's kinds of objects", last_lines(output + error))
    os.makedirs(module.params["certificate"], exist_ok=True)
    with open(marker, "w") as file:
        file.write(wanted)


def certify(module, done):
    folder, address = module.params["certificate"], module.params["address"]
    key, certificate = os.path.join(folder, "webhook.key"), os.path.join(folder, "webhook.crt")
    if os.path.exists(key) and os.path.exists(certificate) and run(["openssl", "verify", "-CAfile", AUTHORITY + ".crt", certificate])[0] == 0:
        return
    done.append("certificate of the webhooks")
    if module.check_mode:
        return
    os.makedirs(folder, exist_ok=True)
    with tempfile.NamedTemporaryFile("w") as extensions:
        extensions.write(f"subjectAltName=IP:{address},DNS:{socket.gethostname()}\nextendedKeyUsage=serverAuth\n")
        extensions.flush()
        previous = os.umask(0o077)
        try:
            request = subprocess.run(
                ["openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-subj", "/CN=volcano-webhooks"], capture_output=True, check=True
            ).stdout
            subprocess.run(
                ["openssl", "x509", "-req", "-CA", AUTHORITY + ".crt", "-CAkey", AUTHORITY + ".key", "-set_serial", str(int.from_bytes(os.urandom(8), "big")),
                 "-days", "365", "-extfile", extensions.name, "-out", certificate],
                input=request, capture_output=True, check=True,
            )
        except subprocess.CalledProcessError as error:
            raise Fault("openssl made no certificate for the webhooks", error.stderr.decode()) from error
        finally:
            os.umask(previous)


def main():
    module = AnsibleModule(
        argument_spec={
            "prefix": {"type": "str", "required": True},
            "kubectl": {"type": "str", "required": True},
            "certificate": {"type": "str", "required": True},
            "address": {"type": "str", "required": True},
        },
        supports_check_mode=True,
    )
    done = []
    try:
        folder = programs(module.params["prefix"])
        number = version(folder)
        if not module.check_mode or os.path.exists(ADMIN):
            apply(module, done)
            certify(module, done)
        else:
            done.append("everything")
    except Fault as fault:
        module.fail_json(msg=str(fault), stderr=fault.detail)
    module.exit_json(changed=bool(done), done=done, ansible_facts={"volcano_version": number, "volcano_programs": folder})


if __name__ == "__main__":
    main()
