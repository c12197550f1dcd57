"""Files, directories and links of a node."""

import base64
import grp
import json
import os
import pwd
import stat
import tempfile

# What each of the files may say, as AnsibleModule wants to know it.
OPTIONS = {
    "path": {"type": "path", "required": True},
    "state": {"type": "str", "choices": ["file", "directory", "link", "absent"], "default": "file"},
    "content": {"type": "raw"},
    "content_base64": {"type": "str", "no_log": True},
    "target": {"type": "path"},
    "owner": {"type": "str", "default": "root"},
    "group": {"type": "str", "default": "root"},
    "mode": {"type": "str"},
}


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


def ensure_files(module, entries):
    """Brings every entry about, in order; the paths of what changed, and the differences without contents that are secret."""
    paths, differences = [], []
    for entry in entries:
        # Ansible's own AnsibleModule gives every option a value.
        entry = {key: value for key, value in entry.items() if value is not None}
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
    return paths, differences
