"""module_utils: programs, waiting, logs and directories, and what Kubernetes' programs print."""

import os
import time

import pytest


def test_run_gives_code_output_and_errors(load):
    assert load("common").run(["sh", "-c", "echo out; echo err >&2; exit 3"]) == (3, "out\n", "err\n")


def test_run_hands_over_standard_input(load):
    assert load("common").run(["cat"], stdin="what is said") == (0, "what is said", "")


def test_run_ends_a_program_that_has_no_end(load):
    code, output, error = load("common").run(["sh", "-c", "echo begun; exec sleep 600"], timeout=0.5)

    assert (code, output) == (124, "begun\n")
    assert error.startswith("no end within")


def test_wait_returns_what_the_step_returns_once_it_is_ready(load):
    shared = load("common")
    answers = [shared.NotReady("not yet"), shared.NotReady("not yet"), "ready"]

    def step():
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert shared.wait(step, time.monotonic() + 60) == "ready"
    assert not answers


def test_wait_says_what_was_wrong_last_when_the_limit_has_passed(load):
    shared = load("common")

    def step():
        raise shared.NotReady("the controller does not answer", "the log's last lines")

    with pytest.raises(shared.NotReady, match="the controller does not answer") as raised:
        shared.wait(step, time.monotonic() - 1)
    assert raised.value.detail == "the log's last lines"


def test_wait_ends_at_once_where_waiting_would_change_nothing(load):
    shared = load("common")
    calls = []

    def step():
        calls.append(1)
        raise shared.Hopeless("slurmctld does not run")

    with pytest.raises(shared.Hopeless):
        shared.wait(step, time.monotonic() + 600)
    assert len(calls) == 1


def test_tail_is_the_end_of_a_log(load, tmp_path):
    log = tmp_path / "log"
    log.write_bytes(b"1\n2\n\xff\n4\n")

    assert load("common").tail(str(log), 2) == "\ufffd\n4\n"
    assert load("common").tail(str(tmp_path / "missing")) == ""


def test_empty_removes_what_is_in_a_directory_and_follows_no_link(load, tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "kept").touch()
    inside = tmp_path / "inside"
    (inside / "folder" / "deep").mkdir(parents=True)
    (inside / "file").touch()
    (inside / "link").symlink_to(tmp_path / "outside")

    load("common").empty(str(inside))
    load("common").empty(str(tmp_path / "missing"))

    assert os.listdir(inside) == []
    assert (tmp_path / "outside" / "kept").exists()


def test_tokens_are_never_shown(load):
    kubernetes = load("kubernetes")

    assert kubernetes.without_tokens("join --token abcdef.0123456789abcdef now") == "join --token [token] now"
    assert kubernetes.Fault("failed", "token abcdef.0123456789abcdef").detail == "token [token]"
    assert kubernetes.without_tokens(None) == ""


def test_last_lines_are_the_end_of_what_was_printed(load):
    text = "\n".join(str(number) for number in range(30))

    assert load("kubernetes").last_lines(text, 3) == "27\n28\n29"


def test_last_lines_of_kubeadm_are_its_errors_without_colours(load):
    text = (
        "[preflight] Running pre-flight checks\n"
        "\x1b[31merror execution phase preflight: some fatal errors occurred:\x1b[0m\n"
        "\t[ERROR Port-10250]: Port 10250 is in use\n"
        "[preflight] If you know what you are doing, go on\n"
    )

    assert load("kubernetes").last_lines(text) == "error execution phase preflight: some fatal errors occurred:\n[ERROR Port-10250]: Port 10250 is in use"


def test_first_existing_is_the_first_of_the_paths_that_is_there(load, tmp_path):
    (tmp_path / "b").touch()
    (tmp_path / "c").touch()
    paths = [str(tmp_path / name) for name in "abc"]

    assert load("kubernetes").first_existing(paths) == paths[1]
    assert load("kubernetes").first_existing(paths[:1]) is None


def test_authority_of_no_certificate_is_empty(load, tmp_path):
    (tmp_path / "ca.crt").write_text("no certificate\n")

    assert load("kubernetes").authority(str(tmp_path / "ca.crt")) == ""
    assert load("kubernetes").authority(str(tmp_path / "missing")) == ""
