"""Makes the modules of the collection importable as they are on a node."""

import importlib.util
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2] / "ansible"

# What lies beside the modules is copied to nodes.
sys.dont_write_bytecode = True

# ansible_collections is where Ansible looks for it.
sys.path.insert(0, str(ROOT))


@pytest.fixture
def load():
    """The module of a name, such as slurm_ready."""

    def by_name(name):
        (path,) = [path for path in ROOT.rglob(f"{name}.py") if path.parent.name in ("modules", "module_utils", "callback", "plugin_utils")]
        spec = importlib.util.spec_from_file_location(f"under_test_{name}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return by_name
