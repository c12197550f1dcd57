"""Tells what a playbook does as JSON lines on standard output, one event a line, for a program to follow."""

import gc
import json
import os
import time

from ansible.plugins.callback import CallbackBase
from ansible.plugins.loader import action_loader, filter_loader, lookup_loader, test_loader

DOCUMENTATION = r"""
name: events
type: stdout
short_description: JSON lines on standard output
description: >
  Events are playbook, play, task, start, ok, changed, failed, unreachable, skipped and recap. Results of tasks with no_log
  arrive here censored by Ansible.
author: Regatta
"""

LIMIT = 16384


def text(value):
    """Output as text, its end when it is long."""
    if value is None or value == "":
        return None
    if isinstance(value, (list, tuple)):
        value = "\n".join(str(item) for item in value)
    value = value if isinstance(value, str) else json.dumps(value, default=str, sort_keys=True)
    return value if len(value) <= LIMIT else "…" + value[-LIMIT:]


def part_of(result, name):
    """The result's dictionary, task or host: public attributes since ansible-core 2.19, private ones before."""
    return getattr(result, name) if hasattr(result, name) else getattr(result, "_" + name)


def share_with_forks():
    """
    Ansible forks for each task of each host. What roles use of its plugins is imported here, once, and not in every fork; and the collector
    leaves alone what is there, since whatever it touches a fork has to copy.
    """
    action_loader.get("regatta.cluster.node_apply", class_only=True)
    for name in ("file", "template"):
        lookup_loader.get(name, class_only=True)
    filter_loader.get("combine")
    test_loader.get("match")
    gc.collect()
    gc.freeze()


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "regatta.cluster.events"

    def __init__(self):
        super().__init__()
        self.began = {}

    def emit(self, event, **fields):
        line = {"event": event, "time": time.time()}
        line.update((key, value) for key, value in fields.items() if value is not None)
        data = (json.dumps(line, default=str) + "\n").encode()
        while data:
            data = data[os.write(1, data) :]

    def v2_playbook_on_start(self, playbook):
        share_with_forks()
        self.emit("playbook", name=os.path.basename(playbook._file_name))

    def v2_playbook_on_play_start(self, play):
        self.emit("play", name=play.get_name())

    def v2_playbook_on_task_start(self, task, is_conditional):
        if not self.includes(task):
            self.emit("task", task=task.get_name().strip(), path=self.place(task))

    def v2_runner_on_start(self, host, task):
        if self.includes(task):
            return
        self.began[host.get_name(), task._uuid] = time.monotonic()
        self.emit("start", host=host.get_name(), task=task.get_name().strip())

    def v2_runner_on_ok(self, result):
        self.result("changed" if result.is_changed() else "ok", result)

    def v2_runner_on_skipped(self, result):
        self.result("skipped", result)

    def v2_runner_on_unreachable(self, result):
        self.result("unreachable", result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self.result("failed", result, ignored=ignore_errors or None)

    def v2_playbook_on_stats(self, stats):
        hosts = {}
        for host in sorted(stats.processed):
            summary = stats.summarize(host)
            hosts[host] = {
                "ok": summary["ok"],
                "changed": summary["changed"],
                "failed": summary["failures"],
                "unreachable": summary["unreachable"],
                "skipped": summary["skipped"],
                "rescued": summary["rescued"],
            }
        self.emit("recap", hosts=hosts)

    def result(self, event, result, **fields):
        outcome, task, host = (part_of(result, name) for name in ("result", "task", "host"))
        host = host.get_name()
        began = self.began.pop((host, task._uuid), None)
        bad = event in ("failed", "unreachable")
        if self.includes(task) and not bad:
            return
        self.emit(
            event,
            host=host,
            task=task.get_name().strip(),
            path=self.place(task) if bad else None,
            seconds=round(time.monotonic() - began, 3) if began is not None else None,
            message=text(outcome.get("msg")) if bad else None,
            error=text(outcome.get("module_stderr") or outcome.get("stderr")) if bad else None,
            output=text(outcome.get("module_stdout") or outcome.get("stdout")) if bad else None,
            changes=self.changes(outcome) if event == "changed" else None,
            values=outcome.get("regatta"),
            **fields,
        )

    @staticmethod
    def includes(task):
        """An include brings tasks; it does nothing on a host itself."""
        return task.action.rpartition(".")[2] in ("include_role", "include_tasks", "import_role", "import_tasks")

    @staticmethod
    def place(task):
        """File and line of the task, from the playbook's directory on."""
        path = task.get_path() or ""
        return os.path.relpath(path) if path else None

    @staticmethod
    def changes(outcome):
        """What changed, by name: never contents."""
        names = outcome.get("done")
        if not names and outcome.get("reason"):
            names = [outcome["reason"]]
        if not names and outcome.get("dest"):
            names = [outcome["dest"]]
        return names or None
