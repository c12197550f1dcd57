"""Makes the playbooks' own modules importable as they are on a node, wherever under ansible/ they lie."""

import importlib.util
import pathlib
import sys

import ansible.module_utils
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2] / "ansible"

# What lies beside the modules is copied to nodes.
sys.dont_write_bytecode = True

# On a node, Ansible puts the project's module_utils beside its own.
ansible.module_utils.__path__ += [str(path) for path in ROOT.rglob("module_utils")]


@pytest.fixture
def load():
    """The module of a name, such as slurm_ready."""

    def by_name(name):
        (path,) = [path for path in ROOT.rglob(f"{name}.py") if path.parent.name in ("library", "modules", "module_utils", "callback_plugins", "callback")]
        spec = importlib.util.spec_from_file_location(f"under_test_{name}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return by_name
