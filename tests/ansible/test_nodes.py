"""Files and units of node_apply: what is on a node against what is wanted, in check mode and for real."""

import grp
import os
import pwd
import stat
import time

import pytest


@pytest.fixture
def mine():
    """Owner and group of whoever runs the tests."""
    return {"owner": pwd.getpwuid(os.getuid()).pw_name, "group": grp.getgrgid(os.getgid()).gr_name}


def test_a_file_is_written_once(load, tmp_path, mine):
    files = load("files")
    entry = {"path": str(tmp_path / "a.conf"), "content": "a=1\n", "mode": "0640", **mine}

    difference = files.ensure_file(entry, True)

    assert (difference["before"], difference["after"]) == ("", "a=1\n")
    assert (tmp_path / "a.conf").read_text() == "a=1\n"
    assert stat.S_IMODE(os.stat(entry["path"]).st_mode) == 0o640
    assert files.ensure_file(entry, True) is None
    assert os.listdir(tmp_path) == ["a.conf"]


def test_check_mode_writes_nothing(load, tmp_path, mine):
    files = load("files")
    wanted = [
        files.ensure_file({"path": str(tmp_path / "file"), "content": "x", **mine}, False),
        files.ensure_directory({"path": str(tmp_path / "directory"), **mine}, False),
        files.ensure_link({"path": str(tmp_path / "link"), "target": "/etc"}, False),
    ]

    assert all(wanted)
    assert os.listdir(tmp_path) == []


def test_a_value_is_written_as_json(load):
    assert load("files").wanted_content({"content": {"b": 1, "a": True}}) == b'{\n  "a": true,\n  "b": 1\n}\n'
    assert load("files").wanted_content({"content_base64": "AP8="}) == b"\x00\xff"
    assert load("files").wanted_content({}) == b""


def test_content_that_is_not_text_is_not_shown_as_a_difference(load, tmp_path, mine):
    difference = load("files").ensure_file({"path": str(tmp_path / "key"), "content_base64": "AP8=", **mine}, True)

    assert difference == {"header": str(tmp_path / "key")}


def test_a_mode_alone_is_mended_in_place(load, tmp_path, mine):
    path = tmp_path / "a"
    path.write_text("a")
    path.chmod(0o666)
    number = path.stat().st_ino

    assert load("files").ensure_file({"path": str(path), "content": "a", "mode": "0600", **mine}, True)
    assert (stat.S_IMODE(path.stat().st_mode), path.stat().st_ino) == (0o600, number)


def test_a_link_in_the_place_of_a_file_is_replaced_and_its_target_kept(load, tmp_path, mine):
    (tmp_path / "target").write_text("kept")
    (tmp_path / "file").symlink_to(tmp_path / "target")

    load("files").ensure_file({"path": str(tmp_path / "file"), "content": "own", **mine}, True)

    assert not (tmp_path / "file").is_symlink()
    assert (tmp_path / "target").read_text() == "kept"


def test_links_are_made_and_turned(load, tmp_path):
    files = load("files")
    entry = {"path": str(tmp_path / "link"), "target": "/etc"}

    assert files.ensure_link(entry, True)
    assert files.ensure_link(entry, True) is None
    assert files.ensure_link({**entry, "target": "/usr"}, True)["before"] == "/etc\n"
    assert os.readlink(entry["path"]) == "/usr"


def test_what_is_to_be_absent_is_removed(load, tmp_path):
    files = load("files")
    (tmp_path / "a").touch()

    assert files.ensure_absent({"path": str(tmp_path / "a")}, True)
    assert files.ensure_absent({"path": str(tmp_path / "a")}, True) is None


@pytest.mark.parametrize(
    ("active", "wanted", "verb"),
    [
        ("active", "started", None),
        ("activating", "started", None),
        ("inactive", "started", "restart"),
        ("failed", "started", "restart"),
        ("active", "stopped", "stop"),
        ("inactive", "stopped", None),
    ],
)
def test_the_verb_that_brings_a_unit_to_its_state(load, active, wanted, verb):
    found = {"ActiveState": active, "ActiveEnterTimestamp": "Tue 2026-11-24 02:11:01.123456 UTC"}

    assert load("node_apply").verb_of(found, {"state": wanted}, set()) == verb


def test_a_unit_that_started_before_its_file_was_written_is_restarted(load, tmp_path):
    units = load("node_apply")
    path = tmp_path / "slurm.conf"
    path.write_text("")
    found = {"ActiveState": "active", "ActiveEnterTimestamp": time.strftime("%a %Y-%m-%d %H:%M:%S.000000 UTC", time.gmtime(path.stat().st_mtime - 60))}

    assert units.verb_of(found, {"state": "started", "read": [str(path)]}, set()) == "restart"
    assert units.verb_of(found, {"state": "started", "read": [str(tmp_path / "missing")]}, set()) is None


def test_a_check_knows_that_a_unit_reads_what_would_be_written(load):
    units = load("node_apply")
    found = {"ActiveState": "active", "ActiveEnterTimestamp": "Tue 2026-11-24 02:11:01.123456 UTC"}

    assert units.verb_of(found, {"state": "started", "read": ["/no/such/file"]}, {"/no/such/file"}) == "restart"
    assert units.verb_of(found, {"state": "started", "read": ["/no/such/file"]}, {"/another/file"}) is None


class Systemd:
    """Takes the commands for systemd and answers as it does for one unit of a state."""

    check_mode = False

    def __init__(self, state):
        self.state = state
        self.verbs = []

    def run_command(self, command, check_rc=False):
        if command[1] == "show":
            return 0, f"Id=daemon.service\nLoadState=loaded\nActiveState={self.state}\nActiveEnterTimestamp=\nNeedDaemonReload=no\n", ""
        if command[1] == "is-enabled":
            return 0, "enabled\n", ""
        self.verbs.append(command[1])
        return 0, "", ""


@pytest.mark.parametrize(
    ("state", "verbs"), [("failed", ["reset-failed", "restart"]), ("activating", ["reset-failed", "restart"]), ("inactive", ["restart"])]
)
def test_what_failed_before_counts_no_more_when_a_unit_is_started_again(load, tmp_path, state, verbs):
    read = tmp_path / "daemon.conf"
    read.write_text("")
    systemd = Systemd(state)

    load("node_apply").ensure_units(systemd, [{"name": "daemon", "state": "started", "read": [str(read)]}], set())

    assert systemd.verbs == verbs


def test_a_unit_that_never_started_started_at_no_time(load):
    units = load("node_apply")

    assert units.started_at({}) == units.NEVER
    assert units.started_at({"ActiveEnterTimestamp": "Tue 2026-11-24 02:11:01.123456 UTC"}).isoformat() == "2026-11-24T02:11:01.123456+00:00"


@pytest.mark.parametrize(
    ("state", "wanted", "verb"),
    [
        ("enabled", "started", None),
        ("disabled", "started", "enable"),
        ("enabled", "stopped", "disable"),
        ("disabled", "stopped", None),
        ("static", "started", None),
        ("masked", "stopped", None),
        (None, "started", None),
    ],
)
def test_whether_a_unit_is_enabled_or_disabled(load, state, wanted, verb):
    found = {} if state is None else {"UnitFileState": state}

    assert load("node_apply").toggle_of(found, {"state": wanted}) == verb
