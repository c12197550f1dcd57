"""Slurm's accounting: users in passwd, what the database holds, and what is said when it does not start."""

import pytest

PASSWD = ["root:x:0:0:root:/root:/bin/bash", "regatta:x:6420:6420::/var/lib/regatta:/bin/sh", "olduser:x:20000:6420:Regatta workload:/:/bin/sh"]


def test_users_take_the_place_of_those_of_an_earlier_workload(load):
    users = load("slurm_users")
    found = users.wanted(PASSWD, [{"name": "alice", "id": 20000}, {"name": "bob", "id": 20001}], 6420)
    assert found == PASSWD[:2] + ["alice:x:20000:6420:Regatta workload:/:/bin/sh", "bob:x:20001:6420:Regatta workload:/:/bin/sh"]
    assert users.wanted(found, [{"name": "alice", "id": 20000}, {"name": "bob", "id": 20001}], 6420) == found
    assert users.wanted(found, [], 6420) == PASSWD[:2]


@pytest.mark.parametrize(
    ("user", "told"),
    [
        ({"name": "root", "id": 20000}, "the node has a user root of its own; the workload's users need other names"),
        ({"name": "alice", "id": 6420}, "the node has a user of its own with the number 6420"),
    ],
)
def test_users_of_the_node_stay_what_they_are(load, user, told):
    with pytest.raises(ValueError, match="^" + told):
        load("slurm_users").wanted(PASSWD, [user], 6420)


PARAMS = {"cluster": "regatta", "qos": [{"name": "high", "settings": {"Priority": "10"}}], "associations": "Cluster - 'regatta'\n"}


def test_the_database_is_made_anew_only_where_it_holds_something_else(load, tmp_path):
    accounting = load("slurm_accounting")
    params = {**PARAMS, "state": str(tmp_path)}
    assert accounting.loaded(params) == ""
    (tmp_path / "loaded").write_text(accounting.digest(params) + "\n")
    assert accounting.loaded(params) == accounting.digest(params)
    assert accounting.loaded(params) != accounting.digest({**params, "qos": []})
    accounting.forget(params)
    assert accounting.loaded(params) == ""


def test_a_full_disk_is_told_before_the_database_starts(load, tmp_path):
    accounting = load("slurm_accounting")
    with pytest.raises(accounting.Hopeless, match="^the disk of the accounting database is full: [0-9]+ MiB are free in .*, and 1000000000 MiB are needed"):
        accounting.check_space({"directory": str(tmp_path), "space": 1000000000})


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("2026-11-29 22:00:00 0 [ERROR] InnoDB: Unable to lock ./ibdata1 error: 11\n", "MariaDB does not start"),
        ("2026-11-29 22:00:00 0 [ERROR] mariadbd: Error writing file './ddl.log' (Errcode: 28 \"No space left on device\")\n", "the disk of the accounting database is full: MariaDB does not start"),
        ("error: mysql_query failed: 1114 The table 'regatta_job_table' is full\n", "the disk of the accounting database is full: MariaDB does not start"),
    ],
)
def test_a_database_that_does_not_start_is_told_with_its_last_lines(load, tmp_path, line, told):
    log = tmp_path / "mariadb.log"
    log.write_text("first\n" + line)
    fault = load("slurm_accounting").explain("MariaDB does not start", str(log))
    assert str(fault) == told
    assert fault.detail == "first\n" + line


def test_what_sacctmgr_refuses_is_a_fault_although_it_ends_well(load, monkeypatch):
    accounting = load("slurm_accounting")
    answers = iter([(0, "", ""), (0, " You gave a bad qos 'debug'.  Valid QOS's are normal\n Problem with line(9)\n", "")])
    monkeypatch.setattr(accounting, "run", lambda *_: next(answers))
    accounting.sacctmgr("load", "file")
    with pytest.raises(accounting.Hopeless, match="^sacctmgr load file failed: You gave a bad qos 'debug'"):
        accounting.sacctmgr("load", "file")


def test_users_without_a_number_are_not_known_to_the_controller(load, monkeypatch):
    accounting = load("slurm_accounting")
    names = ["", "carol(20001)", "gone(4294967294)"]
    output = "Association Records\n" + "".join(f"ClusterName=regatta Account=bio UserName={name} Partition= Priority=0\n" for name in names)
    monkeypatch.setattr(accounting, "run", lambda *_: (0, output, ""))
    accounting.known("Cluster - 'regatta'\nParent - 'bio'\nUser - 'carol':Fairshare=1\n")
    with pytest.raises(accounting.NotReady, match="associations of dave, gone$"):
        accounting.known("User - 'gone'\nUser - 'dave'\n")
