"""flux_ready: the configuration that a leader runs with against the one that was written."""

import json
import os
import sys

import pytest


def test_value_of_follows_dots(load):
    flux = load("flux_ready")
    config = {"modules": {"alternatives": {"sched": "sched-simple"}}, "queues": 3}

    assert flux.value_of(config, "modules.alternatives.sched") == "sched-simple"
    assert flux.value_of(config, "modules.alternatives") == {"sched": "sched-simple"}
    assert flux.value_of(config, "modules.missing") is None
    assert flux.value_of(config, "queues.batch") is None


@pytest.mark.parametrize(("value", "text"), [("fcfs", "fcfs"), (8, "8"), (True, "true"), (["a", 1], '["a", 1]')])
def test_plain_is_text_as_toml_and_json_have_it(load, value, text):
    assert load("flux_ready").plain(value) == text


@pytest.fixture
def leader(tmp_path):
    (tmp_path / "system.toml").write_text('[modules.alternatives]\nsched = "sched-simple"\n\n[sched-simple]\nmode = "unlimited"\n')
    return {"config": str(tmp_path)}


def test_a_leader_with_the_written_configuration_is_right(load, leader):
    flux = load("flux_ready")
    found = {"config": {"modules": {"alternatives": {"sched": "sched-simple"}}, "sched-simple": {"mode": "unlimited"}}, "modules": ["sched-simple", "job-manager"]}

    flux.verify(leader, found)


def test_a_leader_with_another_configuration_is_not_ready(load, leader):
    flux = load("flux_ready")
    found = {"config": {"modules": {"alternatives": {"sched": "sched-simple"}}, "sched-simple": {"mode": "limited=8"}, "bootstrap": {}}, "modules": ["sched-simple"]}

    with pytest.raises(flux.NotReady, match="does not run with what system.toml says: bootstrap, sched-simple"):
        flux.verify(leader, found)


def test_a_leader_without_its_scheduler_is_not_ready(load, leader):
    flux = load("flux_ready")
    found = {"config": flux.written(leader["config"]), "modules": ["job-manager"]}

    with pytest.raises(flux.NotReady, match="the scheduler sched-simple is not loaded") as raised:
        flux.verify(leader, found)
    assert raised.value.detail == "loaded: job-manager"


# What the client asks of Flux, answered by lists of answers in a file: 'refused' connections, then 'online' at each look.
FLUX = '''
import json, os

PLAN = json.load(open(os.environ["PLAN"]))
LEFT = {key: list(value) if isinstance(value, list) else value for key, value in PLAN.items()}


class Future:
    def __init__(self, value):
        self.value = value

    def get(self):
        if isinstance(self.value, str):
            raise ConnectionResetError(104, self.value)
        return self.value

    def wait_for(self, timeout):
        return self.get()


class Flux:
    def __init__(self, uri):
        if LEFT["refused"]:
            LEFT["refused"] -= 1
            raise ConnectionRefusedError(111, "refused")

    def attr_get(self, name):
        return {"hostlist": "head,worker1", "version": "0.66.0"}[name]

    def rpc(self, topic, nodeid=None):
        if topic == "resource.status":
            online = LEFT["online"].pop(0) if len(LEFT["online"]) > 1 else LEFT["online"][0]
            return Future(online if isinstance(online, str) and online.startswith("!") else {"online": online, "drain": {}})
        return Future({"state-machine.wait": {}, "config.get": PLAN["config"], "module.list": {"mods": [{"name": "sched-simple"}]}}[topic])
'''

JOB = '''
from types import SimpleNamespace
from flux import PLAN


class JobspecV1:
    @staticmethod
    def from_command(words, **sizes):
        return JobspecV1()

    def setattr(self, key, value):
        pass


def submit(handle, jobspec, urgency):
    return 1


def result_async(handle, jobid):
    ended = SimpleNamespace(result=PLAN["result"], exception=SimpleNamespace(occurred=PLAN["result"] != "COMPLETED", note="worker1 has no processors"))
    return SimpleNamespace(wait_for=lambda timeout: None, get_info=lambda: ended)
'''


@pytest.fixture
def ready(load, leader, tmp_path, monkeypatch):
    """The module's own wait over a Flux that does what is planned."""
    package = tmp_path / "python" / "flux"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(FLUX)
    (package / "job.py").write_text(JOB)
    (package / "constants.py").write_text("")
    (package / "idset.py").write_text("def IDset(text):\n    return [int(rank) for rank in text.split(',') if rank]\n")
    (package / "hostlist.py").write_text("def Hostlist(text):\n    return text.split(',')\n")
    flux = load("flux_ready")
    plan = tmp_path / "plan.json"
    client = sys.modules[flux.Client.__module__]
    monkeypatch.setattr(client, "command", lambda params, user: [sys.executable, "-c", client.CLIENT])
    monkeypatch.setattr(client, "environment", lambda uri: {"PATH": os.environ["PATH"], "PYTHONPATH": str(package.parent), "PLAN": str(plan)})
    monkeypatch.setattr(flux, "STARTING", 0)
    monkeypatch.setattr(flux, "state", lambda: "active")

    def over(timeout=600, job=True, user="flux", **planned):
        plan.write_text(json.dumps({"refused": 0, "online": ["0,1"], "result": "COMPLETED", "config": flux.written(leader["config"]), **planned}))
        params = {"program": "flux", "uri": "local:///none", "emulated": 0, "nodes": ["worker1"], "size": 2, "owner": "flux", "user": user, **leader}
        return flux.ready(params, timeout, job)

    over.module = flux
    return over


@pytest.mark.parametrize("user", ["flux", "alice"])
def test_a_leader_is_waited_for_until_it_answers_and_its_brokers_are_online(ready, user):
    found = ready(refused=2, online=["0", "0", "0,1"], user=user)

    assert found["version"] == "0.66.0"


def test_what_is_wrong_last_is_said_when_the_time_is_over(ready):
    with pytest.raises(ready.module.NotReady, match=r"^worker1 \(rank 1\) is offline$"):
        ready(timeout=0.3, online=["0"])


def test_a_leader_that_does_not_answer_is_waited_for_while_it_starts(ready):
    with pytest.raises(ready.module.NotReady, match=r"^the leader does not answer: \[Errno 111\] refused$"):
        ready(timeout=0.3, refused=10000)


@pytest.mark.parametrize("state", ["inactive", "failed"])
def test_a_leader_that_does_not_run_is_not_waited_for(ready, monkeypatch, state):
    monkeypatch.setattr(ready.module, "state", lambda: state)

    with pytest.raises(ready.module.Hopeless, match="^the broker of the leader does not run$"):
        ready(refused=10000)


def test_a_leader_that_goes_down_is_not_waited_for(ready):
    with pytest.raises(ready.module.Hopeless, match=r"^the leader went down: \[Errno 104\] !reset$"):
        ready(online=["0", "!reset"])


def test_a_job_that_fails_is_told_with_its_note(ready):
    with pytest.raises(ready.module.NotReady, match="^a job over all nodes ended as FAILED$") as raised:
        ready(result="FAILED")
    assert raised.value.detail == "worker1 has no processors"


def test_a_look_runs_no_job_and_does_not_wait(ready):
    assert ready(timeout=0, job=False, result="FAILED")["modules"] == ["sched-simple"]
    with pytest.raises(ready.module.NotReady, match="is offline"):
        ready(timeout=0, job=False, online=["0"])


def test_a_client_that_breaks_down_is_told_with_what_it_printed(ready, monkeypatch):
    monkeypatch.setattr(sys.modules[ready.module.Client.__module__], "command", lambda params, user: [sys.executable, "-c", "raise SystemExit('no module named flux')"])

    with pytest.raises(ready.module.Hopeless, match="^Flux cannot be asked$") as raised:
        ready()
    assert raised.value.detail == "no module named flux"
