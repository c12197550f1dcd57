#!/usr/bin/python3
"""Flux as it lies on this node, and the certificate of the cluster, which the head makes."""

import base64
import os
import pwd
import shutil
import stat

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = r"""
module: flux_node
short_description: Flux as it lies on this node, and the certificate of the cluster
description: >
  Returns program (path, confdir, shell and imp) and, where a certificate was asked for, certificate as base64: call it
  with no_log.
options:
  user: {description: Owner of the certificate., type: str, required: true}
  certificate: {description: Where it lies; made when it is not there. Empty for a node that gets another's., type: str, default: ""}
  name: {description: Name that it carries., type: str, required: true}
author: Regatta
"""

FOLDERS = ["/usr/local/bin", "/usr/bin"]


def find(module):
    path = shutil.which("flux", path=":".join(FOLDERS))
    if path is None:
        module.fail_json(msg="flux is not on this node: " + " or ".join(folder + "/flux" for folder in FOLDERS) + " must be there")

    def builtin(key):
        return module.run_command([path, "config", "builtin", key], check_rc=True)[1].strip()

    libexec = builtin("libexecdir")
    return {"path": path, "confdir": builtin("confdir"), "shell": libexec + "/flux-shell", "imp": libexec + "/flux-imp"}


def ensure(module, path, program, user):
    """Makes the certificate where there is none; returns whether something was to do."""
    entry = pwd.getpwnam(user)
    changed = False
    if not os.path.isfile(path):
        if module.check_mode:
            return True
        os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
        # Whole or not at all: a broker that reads half a certificate ends.
        making = path + ".new"
        if os.path.exists(making):
            os.unlink(making)
        module.run_command([program["path"], "keygen", "--name=" + module.params["name"], making], check_rc=True)
        os.chown(making, entry.pw_uid, entry.pw_gid)
        os.chmod(making, 0o400)
        os.rename(making, path)
        changed = True
    found = os.stat(path)
    if (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) != (entry.pw_uid, entry.pw_gid, 0o400):
        changed = True
        if not module.check_mode:
            os.chown(path, entry.pw_uid, entry.pw_gid)
            os.chmod(path, 0o400)
    return changed


def main():
    module = AnsibleModule(
        argument_spec={
            "user": {"type": "str", "required": True},
            "certificate": {"type": "str", "default": ""},
            "name": {"type": "str", "required": True},
        },
        supports_check_mode=True,
    )
    program = find(module)
    path = module.params["certificate"]
    if not path:
        module.exit_json(changed=False, program=program, certificate="")
    try:
        changed = ensure(module, path, program, module.params["user"])
        content = b""
        if os.path.isfile(path):
            with open(path, "rb") as file:
                content = file.read()
    except KeyError:
        module.fail_json(msg=f"there is no user {module.params['user']} on this node")
    except OSError as error:
        module.fail_json(msg=f"{path}: {error.strerror}")
    module.exit_json(changed=changed, program=program, certificate=base64.b64encode(content).decode(), done=[path] if changed else [])


if __name__ == "__main__":
    main()
