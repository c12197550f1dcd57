#!/usr/bin/python3
"""A bootstrap token of short life and the hash of the authority, with which nodes may join; or the end of all such tokens."""

import hashlib
import os
import subprocess

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.regatta_kubernetes import Fault, last_lines, run

DOCUMENTATION = r"""
module: kubernetes_token
short_description: A bootstrap token of short life and the hash of the authority
description: Call it with no_log, since it returns the token.
options:
  programs: {description: Folder of kubeadm., type: str, required: true}
  life: {description: How long the token is good for, such as 10m., type: str, required: true}
"""


def authority_hash(path="/etc/kubernetes/pki/ca.crt"):
    """sha256 of the DER form of the authority's public key, which kubeadm pins."""
    key = subprocess.run(["openssl", "x509", "-in", path, "-noout", "-pubkey"], capture_output=True, check=True).stdout
    der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "der"], input=key, capture_output=True, check=True).stdout
    return "sha256:" + hashlib.sha256(der).hexdigest()


def main():
    module = AnsibleModule(
        argument_spec={"programs": {"type": "str", "required": True}, "life": {"type": "str", "required": True}}, supports_check_mode=True
    )
    if module.check_mode:
        module.exit_json(changed=True)
    try:
        code, output, error = run([os.path.join(module.params["programs"], "kubeadm"), "token", "create", "--ttl", module.params["life"]])
        if code != 0:
            raise Fault("kubeadm made no token", last_lines(error))
        module.exit_json(changed=True, token=output.strip(), authority=authority_hash())
    except Fault as fault:
        module.fail_json(msg=str(fault), stderr=fault.detail)
    except subprocess.CalledProcessError as error:
        module.fail_json(msg="the authority's certificate cannot be read", stderr=error.stderr.decode())


if __name__ == "__main__":
    main()
