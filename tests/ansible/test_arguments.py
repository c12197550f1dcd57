"""plugin_utils/arguments: variables of an inventory against the argument specifications of the roles."""

import pytest
import yaml


class Loader:
    @staticmethod
    def load_from_file(path):
        with open(path) as file:
            return yaml.safe_load(file)


GIVEN = {
    "inventory_hostname": "worker1",
    "groups": {"heads": ["head"], "workers": ["worker1"]},
    "munge_key_file": "/k",
    "slurm_settings": {"MinJobAge": "2"},
    "slurm_processors": 2,
    "slurm_memory": 900,
    "slurm_memory_per_processor": 450,
    "node_user": "jobs",
}


def faults(load, **changes):
    given = {name: value for name, value in {**GIVEN, **changes}.items() if value is not None}
    return load("arguments").faults("slurm", Loader, given, lambda value: value)


def test_what_the_roles_ask_for_is_taken(load):
    assert faults(load) == []


def test_a_head_needs_none_of_a_workers_variables(load):
    assert faults(load, inventory_hostname="head", slurm_processors=None, slurm_memory=None, slurm_memory_per_processor=None) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"slurm_settings": None}, "missing required arguments: slurm_settings"),
        ({"slurm_memory": None, "slurm_processors": None}, "missing required arguments: slurm_memory, slurm_processors"),
        ({"slurm_redy_timeout": 3}, "the role slurm has no variable slurm_redy_timeout; did you mean slurm_ready_timeout?"),
        ({"slurm_zzzz": 3}, "the role slurm has no variable slurm_zzzz"),
    ],
)
def test_a_fault_names_the_variable(load, changes, fault):
    assert faults(load, **changes) == [fault]


def test_a_value_of_another_type_is_named(load):
    (fault,) = faults(load, slurm_ready_timeout="soon")
    assert "slurm_ready_timeout" in fault
    assert "int" in fault


def test_the_roles_own_variables_are_no_faults(load):
    assert faults(load, slurm_files=[], slurm_head=True) == []
