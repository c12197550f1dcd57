"""
Holds variables to the argument specifications of roles, in the fork of a task that runs anyway.

Ansible's own way is a task before each role, which costs a fork for each host: as much as a quarter of a reset. The specifications
are the same files, and so is the validator.
"""

import difflib
import os

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

ROLES = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__)))), "roles")


def options_of(specs, host, groups):
    """The variables of a role on a host: those of all hosts, and those of a group that has an entry of its own."""
    options = dict(specs["main"]["options"])
    for name, spec in specs.items():
        if host in groups.get(name, ()):
            options.update(spec["options"])
    return options


def unknown(role, options, given, own):
    """What begins as a variable of the role and is none."""
    known = {*options, *own}
    for name in sorted(given):
        if name.startswith(role + "_") and name not in known:
            near = difflib.get_close_matches(name, options, n=1, cutoff=0.8)
            yield f"the role {role} has no variable {name}" + (f"; did you mean {near[0]}?" if near else "")


def faults(role, loader, task_vars, template):
    """What is wrong with the variables of a role, by their names."""

    def read(*names):
        path = os.path.join(ROLES, role, *names)
        return loader.load_from_file(path) or {} if os.path.exists(path) else {}

    host, groups = task_vars["inventory_hostname"], task_vars["groups"]
    specs = read("meta", "argument_specs.yml")["argument_specs"]
    options = options_of(specs, host, groups)
    values = {name: template(task_vars[name]) for name in options if name in task_vars}
    own = {*read("defaults", "main.yml"), *read("vars", "main.yml")}
    every = {name for spec in specs.values() for name in spec["options"]}
    return [*ArgumentSpecValidator(options).validate(values).error_messages, *unknown(role, every, task_vars, own)]
