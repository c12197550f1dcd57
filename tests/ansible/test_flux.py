"""flux_ready: the configuration that a leader runs with against the one that was written."""

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
