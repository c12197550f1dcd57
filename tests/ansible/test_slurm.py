"""slurm_ready and node_wipe: what Slurm prints, and which processes belong to a job step."""

import socket
import threading

import pytest


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("30 sec", "30"),
        ("1000000 usec", "1000000"),
        ("5 min", "5"),
        ("YES", "yes"),
        ("  sched/backfill ", "sched/backfill"),
        ("minimum", "minimum"),
        ("", ""),
        ("(null)", "none"),
        ("None", "none"),
        ("accounting_storage/none", "none"),
        ("none/x", "none/x"),
        ("none,all", "all,none"),
    ],
)
def test_plain_drops_units_and_case(load, printed, value):
    assert load("slurm_ready").plain(printed) == value


def test_settings_that_read_back_do_not_differ(load):
    found = {"SchedulerType": "sched/backfill", "InactiveLimit": "0 sec", "MaxJobCount": "10000"}

    assert load("slurm_ready").differing({"SchedulerType": "sched/backfill", "inactivelimit": 0, "MaxJobCount": 10000}, found) == []


def test_settings_that_read_back_otherwise_are_named_with_both_values(load):
    found = {"SchedulerType": "sched/builtin", "MinJobAge": "300 sec"}

    assert load("slurm_ready").differing({"SchedulerType": "sched/backfill", "MinJobAge": 2, "FirstJobIdd": 1}, found) == [
        "FirstJobIdd is not known to slurmctld, not 1",
        "MinJobAge is 300 sec, not 2",
        "SchedulerType is sched/builtin, not sched/backfill",
    ]


@pytest.mark.parametrize("printed", ["(null)", "none", "accounting_storage/none"])
def test_what_is_not_there_reads_back_in_three_ways(load, printed):
    slurm = load("slurm_ready")

    assert slurm.differing({"AccountingStorageType": "accounting_storage/none"}, {"AccountingStorageType": printed}) == []
    assert slurm.differing({"AccountingStorageType": "accounting_storage/slurmdbd"}, {"AccountingStorageType": printed}) == [
        f"AccountingStorageType is {printed}, not accounting_storage/slurmdbd"
    ]
    assert slurm.differing({"AccountingStorageTyp": "none"}, {"AccountingStorageType": printed}) == ["AccountingStorageTyp is not known to slurmctld, not none"]


def test_what_slurm_tracks_by_itself_is_no_difference(load):
    found = {"AccountingStorageTRES": "cpu,mem,energy,node,billing,fs/disk,vmem,pages,gres/gpu,gres/gpumem,gres/gpuutil"}

    assert load("slurm_ready").differing({"AccountingStorageTRES": "gres/gpu"}, found) == []
    assert load("slurm_ready").differing({"AccountingStorageTRES": "gres/shard"}, found) == [f"AccountingStorageTRES is {found['AccountingStorageTRES']}, not gres/shard"]


def test_flags_read_back_in_any_order_and_case(load):
    assert load("slurm_ready").differing({"DebugFlags": "HetJob,Backfill"}, {"DebugFlags": "Backfill,Hetjob"}) == []


@pytest.fixture
def slurmrestd(tmp_path):
    """Answers on a socket as slurmrestd does; tells what it was asked for."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    path = str(tmp_path / "s")
    listener.bind(path)
    listener.listen()
    asked = []

    def answer(reply):
        def serve():
            while True:
                try:
                    way, _ = listener.accept()
                except OSError:
                    return
                with way:
                    asked.append(way.recv(4096).split()[1].decode())
                    way.sendall(reply(asked[-1]))

        threading.Thread(target=serve, daemon=True).start()
        return path, asked

    yield answer
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


@pytest.mark.parametrize(("served", "asked"), [("v0.0.38", 8), ("v0.0.45", 1), ("v0.0.47", 10), ("v0.0.36", 23)])
def test_any_version_of_the_interface_will_do(load, slurmrestd, served, asked):
    rest = load("slurmrestd")
    body = b'{"meta": {"slurm": {"release": "26.05.5"}}}'
    path, paths = slurmrestd(lambda target: b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (b"200 OK" if target == f"/slurm/{served}/ping" else b"404 Not Found", len(body), body))
    if served == "v0.0.36":
        with pytest.raises(load("slurm_ready").NotReady, match=f"slurmrestd answers 404 on {path}"):
            rest.ping(path)
    else:
        assert rest.ping(path) == body.decode()
        assert load("slurm_upgrade").interface_version(path) == "26.05.5"
        del paths[asked:]
    assert len(paths) == asked


def test_what_is_no_slurmrestd_is_not_ready(load, slurmrestd, tmp_path):
    rest = load("slurmrestd")
    path, _ = slurmrestd(lambda target: b"220 mail\r\n")
    with pytest.raises(load("slurm_ready").NotReady, match="does not answer") as raised:
        rest.ping(path)
    assert "no HTTP: 220 mail" in raised.value.detail
    with pytest.raises(load("slurm_ready").NotReady, match="does not answer"):
        rest.ping(str(tmp_path / "none"))


def test_configuration_is_what_scontrol_prints(load, monkeypatch):
    slurm = load("slurm_ready")
    output = (
        "Configuration data as of 2026-11-24T02:11:01\n"
        "SlurmctldHost[0]         = head\n"
        "SlurmUser               = slurm(64030)\n"
        "PrologFlags             = Alloc,Contain\n\n"
        "Slurmctld(primary) at head is UP\n"
    )
    monkeypatch.setattr(slurm, "ask", lambda *command: (0, output, ""))

    assert slurm.configuration() == {"SlurmctldHost": "head", "SlurmUser": "slurm(64030)", "PrologFlags": "Alloc,Contain"}


def test_configuration_that_slurmctld_does_not_tell_is_a_fault(load, monkeypatch):
    slurm = load("slurm_ready")
    monkeypatch.setattr(slurm, "ask", lambda *command: (1, "", "slurm_load_ctl_conf error: Unable to contact slurm controller\n"))

    with pytest.raises(slurm.NotReady, match="does not tell its configuration") as raised:
        slurm.configuration()
    assert raised.value.detail == "slurm_load_ctl_conf error: Unable to contact slurm controller"


def test_nodes_must_be_idle_exactly(load, monkeypatch):
    slurm = load("slurm_ready")
    answers = {"-h": (0, "worker1 idle\nworker2 idle*\nworker3 down\n", ""), "-R": (0, "REASON USER TIMESTAMP NODELIST\nNot responding\n", "")}
    monkeypatch.setattr(slurm, "ask", lambda *command: answers[command[1]])

    with pytest.raises(slurm.NotReady) as raised:
        slurm.node_states(["worker1", "worker2", "worker3", "worker4"])
    assert str(raised.value) == "not every node is idle: worker2 is idle*, worker3 is down, worker4 is unknown to slurmctld"
    assert "Not responding" in raised.value.detail


def test_nodes_of_another_version_are_named(load, monkeypatch):
    slurm = load("slurm_ready")
    output = (
        "NodeName=worker1 Arch=x86_64 CoresPerSocket=2 OS=Linux 6.18.0 #1 SMP NodeAddr=10.0.0.2 Version=24.11.5 State=IDLE\n"
        "NodeName=worker2 Arch=x86_64 NodeAddr=10.0.0.3 Version=22.05.8 State=IDLE\n"
        "NodeName=silent NodeAddr=10.0.0.4 State=DOWN\n"
    )
    monkeypatch.setattr(slurm, "ask", lambda *command: (0, output, ""))

    slurm.node_versions(["worker1", "silent"], "24.11.5")
    with pytest.raises(slurm.Hopeless, match="one is needed on all: the head 24.11.5, worker2 22.05.8"):
        slurm.node_versions(["worker1", "worker2"], "24.11.5")


def test_a_job_that_did_not_run_on_every_node_names_them(load, monkeypatch):
    slurm = load("slurm_ready")
    monkeypatch.setattr(slurm, "run", lambda command, timeout: (0, "worker1 4 abc\nsrun: a line of its own words\n", ""))

    with pytest.raises(slurm.NotReady, match="a job did not run on worker2"):
        slurm.job(["worker1", "worker2"], "job", 10, True)
    assert slurm.job(["worker1"], "job", 10, True) == {"worker1": 4}


def test_nodes_of_another_build_are_named(load, monkeypatch):
    slurm = load("slurm_ready")
    asked = []

    def run(command, timeout):
        asked.append(command[-1])
        return 0, "worker1 4 0123456789ab\nworker2 4 ba9876543210\n", ""

    monkeypatch.setattr(slurm, "run", run)

    with pytest.raises(slurm.Hopeless, match="different builds of Slurm, and one is needed on all: worker1 0123456789ab, worker2 ba9876543210"):
        slurm.job(["worker1", "worker2"], "job", 10, True)
    slurm.job(["worker1"], "job", 10, False)
    assert "sha256sum" in asked[0] and "sha256sum" not in asked[1]


def test_a_build_is_told_by_its_daemon_and_its_library(load, tmp_path):
    slurm = load("slurm_ready")
    (tmp_path / "slurmd").write_text("#!/bin/sh\n")
    (tmp_path / "slurmd").chmod(0o755)

    def told():
        code, output, error = slurm.run(["env", f"PATH={tmp_path}:/usr/bin:/bin", "sh", "-c", slurm.BUILD])
        assert code == 0, error
        return output.strip()

    first = told()
    (tmp_path / "slurmd").write_text("#!/bin/sh\n:\n")
    assert len(first) == 12 and told() != first


def test_a_wipe_ends_what_descends_from_step_daemons_and_those_last(load, monkeypatch):
    wipe = load("node_wipe")
    monkeypatch.setattr(
        wipe,
        "parents",
        lambda: {1: (0, "init"), 10: (1, "slurmstepd"), 11: (10, "task"), 12: (11, "child of the task"), 20: (1, "slurmd"), 21: (20, "a helper")},
    )

    assert wipe.orphans("slurmstepd") == [11, 12, 10]


def test_a_unit_is_to_stop_before_it_is_killed_so_that_nothing_starts_it_again(load):
    asked = []

    class Module:
        params = {"units": ["slurmctld", "regatta-clock"]}

        @staticmethod
        def run_command(command, check_rc=False):
            assert command[-2:] == Module.params["units"]
            asked.append((command[1:-2], check_rc))

    load("node_wipe").end_units(Module)

    assert asked == [(["stop", "--no-block"], False), (["kill", "--kill-who=all", "--signal=KILL"], False), (["stop"], True), (["reset-failed"], False)]


def test_control_groups_of_jobs_are_removed_whatever_names_them(load, monkeypatch, tmp_path):
    wipe = load("node_wipe")
    scope = tmp_path / "system.slice" / "slurmstepd.scope"
    for name in ("job_7/step_batch/user", "s2SHM8J94G9B00/step_0", "system/slurmstepd_1"):
        (scope / name).mkdir(parents=True)
    monkeypatch.setattr(wipe, "cgroup", lambda: {"version": "v2", "mountpoint": str(tmp_path)})
    groups = {"v1": ["/none"], "v2": ["/system.slice/*slurmstepd.scope/job_*", "/system.slice/*slurmstepd.scope/s[0-9A-Z]*"]}

    class Module:
        params = {"groups": groups, "timeout": 1}

    wipe.remove_groups(Module)

    assert [path.name for path in scope.iterdir()] == ["system"]


def test_parents_reads_names_with_spaces_and_brackets(load):
    table = load("node_wipe").parents()

    assert table[1][0] == 0
    assert all(isinstance(name, str) and name for _, name in table.values())


def test_a_daemon_that_is_replaced_sees_the_newer_usr_and_keeps_what_is_the_nodes_own(load, tmp_path):
    own = tmp_path / "local"
    own.mkdir()

    assert load("slurm_upgrade").drop_in("/beside", [str(own), str(tmp_path / "none")]) == f"[Service]\nBindReadOnlyPaths=/beside/usr:/usr\nBindReadOnlyPaths={own}:{own}\n"


@pytest.mark.parametrize(
    ("state", "version", "fault"),
    [
        ("IDLE", "26.05.5", None),
        ("MIXED+DRAIN", "26.05.5", None),
        ("IDLE*", "26.05.5", "the node w1 is IDLE*"),
        ("DOWN+NOT_RESPONDING", "26.05.5", "the node w1 is DOWN+NOT_RESPONDING"),
        ("IDLE", "24.11.5", "the node w1 has version 24.11.5, and slurmctld 26.05.5"),
    ],
)
def test_a_node_is_upgraded_when_it_responds_as_the_controllers_version(load, monkeypatch, state, version, fault):
    slurm = load("slurm_upgrade")
    said = {"show config": "SLURM_VERSION           = 26.05.5\n", "show node": f"NodeName=w1 State={state} ThreadsPerCore=1 Version={version}\n"}
    monkeypatch.setattr(slurm, "run", lambda command, timeout: (0, next(text for key, text in said.items() if key in " ".join(command)), ""))

    if fault is None:
        assert slurm.node_version("w1") == "26.05.5"
    else:
        with pytest.raises(slurm.NotReady, match=fault.replace("*", r"\*").replace("+", r"\+")):
            slurm.node_version("w1")


@pytest.mark.parametrize(("wanted", "asked"), [(False, []), (True, ["delete", "create", "delete", "delete"])])
def test_the_job_over_all_nodes_has_a_partition_of_its_own_while_it_runs(load, monkeypatch, wanted, asked):
    slurm, told = load("slurm_ready"), []

    def ask(*command):
        told.append(command)
        # A job that is still completing keeps its partition for a moment.
        return (1, "", "slurm_delete_partition error: Partition in use") if len(told) == 3 else (0, "", "")

    monkeypatch.setattr(slurm, "ask", ask)
    monkeypatch.setattr(slurm.time, "sleep", lambda seconds: None)
    with slurm.OwnPartition(wanted) as partition:
        assert partition == ("regatta-ready" if wanted else None)
    assert [command[1] for command in told] == asked
    assert ("scontrol", "create", "partitionname=regatta-ready", "nodes=ALL", "maxtime=UNLIMITED", "state=UP") in told or not wanted


def test_a_partition_that_slurmctld_does_not_make_is_told(load, monkeypatch):
    slurm = load("slurm_ready")
    monkeypatch.setattr(slurm, "ask", lambda *command: (1, "", "slurm_create_partition error: Access/permission denied\n"))

    with pytest.raises(slurm.NotReady, match="does not create a partition of all nodes") as raised, slurm.OwnPartition(True):
        raise AssertionError("no job runs")
    assert raised.value.detail == "slurm_create_partition error: Access/permission denied"
