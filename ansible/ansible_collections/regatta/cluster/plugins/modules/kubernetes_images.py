#!/usr/bin/python3
"""Brings archives of containers into containerd: nothing is ever pulled."""

import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.regatta.cluster.plugins.module_utils.common import run, wait
from ansible_collections.regatta.cluster.plugins.module_utils.kubernetes import CTR, Fault, ctr, last_lines

DOCUMENTATION = r"""
module: kubernetes_images
short_description: Brings archives of containers into containerd
description: An archive whose image is there under its name already is left alone.
options:
  images: {description: Each has an archive, the image's tag there, and the name that it gets., type: list, elements: dict, required: true}
author: Regatta
"""


def present():
    return set(ctr("images", "ls", "-q"))


def checked(command):
    code, output, error = run(command, timeout=300)
    if code != 0:
        raise Fault(f"{' '.join(command[3:5])} failed", last_lines(output + error))


def main():
    module = AnsibleModule(argument_spec={"images": {"type": "list", "elements": "dict", "required": True}}, supports_check_mode=True)
    try:
        there = wait(present, time.monotonic() + (0 if module.check_mode else 30))
        missing = [image for image in module.params["images"] if image["image"] not in there]
        for image in missing if not module.check_mode else []:
            checked([*CTR, "images", "import", image["archive"]])
            if image["tag"] != image["image"]:
                checked([*CTR, "images", "tag", "--force", image["tag"], image["image"]])
    except Fault as fault:
        if module.check_mode:
            module.exit_json(changed=True)
        module.fail_json(msg=str(fault), stderr=fault.detail)
    module.exit_json(changed=bool(missing), done=[image["image"] for image in missing])


if __name__ == "__main__":
    main()
