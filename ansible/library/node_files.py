#!/usr/bin/python3
"""Files, directories and links of a node, many in one call: starting Python once costs more than writing them all."""

import base64
import grp
import json
import os
import pwd
import stat
import tempfile

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = r"""
module: node_files
short_description: Files, directories and links of a node, many in one call
options:
  files:
    description: >
      What there must be, in order. Each has a path, and a state of file (default; content, as text or as a value that is written as JSON, or content_base64), directory,
      link (target) or absent; owner, group and mode (octal text) where it is a file or a directory.
    type: list
    required: true
"""


def owner_ids(entry):
    return pwd.getpwnam(entry.get("owner", "root")).pw_uid, grp.getgrnam(entry.get("group", "root")).gr_gid


def attributes_differ(path, entry, mode):
    found = os.lstat(path)
    return (found.st_uid, found.st_gid) != owner_ids(entry) or stat.S_IMODE(found.st_mode) != mode


def set_attributes(path, entry, mode):
    os.lchown(path, *owner_ids(entry))
    os.chmod(path, mode)


def wanted_content(entry):
    if "content_base64" in entry:
        return base64.b64decode(entry["content_base64"])
    content = entry.get("content", "")
    # Ansible makes values of text that reads like JSON; a value is written as JSON.
    return content.encode() if isinstance(content, str) else (json.dumps(content, indent=2, sort_keys=True) + "\n").encode()


def ensure_file(entry, write):
    path, mode = entry["path"], int(entry.get("mode", "0644"), 8)
    content = wanted_content(entry)
    found = None
    if os.path.isfile(path) and not os.path.islink(path):
        with open(path, "rb") as file:
            found = file.read()
    same = found == content
    if same and not attributes_differ(path, entry, mode):
        return None
    if write and same:
        set_attributes(path, entry, mode)
    elif write:
        handle, name = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".regatta-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            set_attributes(name, entry, mode)
            os.rename(name, path)
        except OSError as error:
            os.unlink(name)
            # A file that is mounted into a container cannot be replaced, only written.
            if error.errno not in (16, 18):
                raise
            with open(path, "wb") as file:
                file.write(content)
            set_attributes(path, entry, mode)
    if "content_base64" in entry:
        return {"header": path}
    return {
        "before_header": path,
        "after_header": path,
        "before": (found or b"").decode(errors="replace"),
        "after": content.decode(errors="replace"),
    }


def ensure_directory(entry, write):
    path, mode = entry["path"], int(entry.get("mode", "0755"), 8)
    exists = os.path.isdir(path)
    if exists and not attributes_differ(path, entry, mode):
        return None
    if write:
        os.makedirs(path, exist_ok=True)
        set_attributes(path, entry, mode)
    return {"before_header": path, "after_header": path, "before": "" if not exists else "directory\n", "after": "directory\n"}


def ensure_link(entry, write):
    path, target = entry["path"], entry["target"]
    found = os.readlink(path) if os.path.islink(path) else None
    if found == target or (found is not None and os.path.realpath(path) == os.path.realpath(target)):
        return None
    if write:
        name = os.path.join(os.path.dirname(path), ".regatta-link")
        if os.path.lexists(name):
            os.unlink(name)
        os.symlink(target, name)
        os.rename(name, path)
    return {"before_header": path, "after_header": path, "before": (found or "") + "\n", "after": target + "\n"}


def ensure_absent(entry, write):
    path = entry["path"]
    if not os.path.lexists(path):
        return None
    if write:
        os.unlink(path)
    return {"before_header": path, "after_header": path, "before": "present\n", "after": ""}


STATES = {"file": ensure_file, "directory": ensure_directory, "link": ensure_link, "absent": ensure_absent}


def main():
    module = AnsibleModule(
        argument_spec={"files": {"type": "list", "elements": "dict", "required": True}}, supports_check_mode=True
    )
    differences, paths = [], []
    for entry in module.params["files"]:
        try:
            difference = STATES[entry.get("state", "file")](entry, not module.check_mode)
        except KeyError as error:
            # In check mode a user that an earlier task would have made is not there yet.
            if not module.check_mode:
                module.fail_json(msg=f"{entry['path']}: {error.args[0]}")
            difference = {"header": entry["path"]}
        except OSError as error:
            module.fail_json(msg=f"{entry['path']}: {error.strerror}")
        if difference:
            paths.append(entry["path"])
            differences.append(difference)
    module.exit_json(changed=bool(paths), paths=paths, diff=differences)


if __name__ == "__main__":
    main()
