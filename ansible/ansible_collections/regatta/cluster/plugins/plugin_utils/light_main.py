# Runs on a node, below the lines that light.py writes: MODULE, ARGUMENTS and SOURCES.
import sys
from importlib.machinery import ModuleSpec


class Sent:
    """Imports what was sent along; all else comes from the node."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        package = any(other.startswith(name + ".") for other in SOURCES)  # noqa: F821 - written above by the plugin
        return ModuleSpec(name, Sent, is_package=package) if package or name in SOURCES else None  # noqa: F821

    @staticmethod
    def create_module(spec):
        return None

    @staticmethod
    def exec_module(module):
        exec(compiled(module.__name__), module.__dict__)


def compiled(name):
    return compile(SOURCES.get(name, ""), name, "exec")  # noqa: F821


sys.meta_path.insert(0, Sent)
exec(compiled(MODULE), {"__name__": "__main__"})  # noqa: F821
