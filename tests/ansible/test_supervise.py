"""The supervisor of playbooks, run as the program runs it."""

import os
import pathlib
import signal
import subprocess
import sys

import conftest
import pytest

SUPERVISE = [sys.executable, "-I", "-S", str(conftest.ROOT / "supervise.py")]

# Two processes that say that they are there: one in the command's session, and one that left it and lost its parent.
STARTS_TWO = "(setsid sh -c 'echo $$; exec sleep 1000' &) ; echo $$; exec sleep 1000"


def alive(process):
    try:
        stat = pathlib.Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


@pytest.mark.parametrize("command, code", [("exit 0", 0), ("exit 4", 4), ("kill -TERM $$", 143)])
def test_the_code_of_the_command_is_passed_on(command, code):
    with subprocess.Popen([*SUPERVISE, "sh", "-c", command], stdin=subprocess.PIPE) as supervisor:
        assert supervisor.wait() == code


def test_input_that_ends_ends_all_that_was_started():
    with subprocess.Popen([*SUPERVISE, "sh", "-c", STARTS_TWO], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as supervisor:
        started = [int(supervisor.stdout.readline()) for _ in range(2)]
        assert all(map(alive, started))
        supervisor.stdin.close()
        assert supervisor.wait() == 128 + signal.SIGKILL
    assert not any(map(alive, started))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_the_supervisor_ends_all_that_was_started(number):
    with subprocess.Popen([*SUPERVISE, "sh", "-c", STARTS_TWO], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as supervisor:
        started = [int(supervisor.stdout.readline()) for _ in range(2)]
        supervisor.send_signal(number)
        assert supervisor.wait() == 128 + number
    assert not any(map(alive, started))


def test_what_was_started_ends_with_a_program_that_is_killed():
    # The program's end of the pipe closes with it, whatever ended it.
    reader, writer = os.pipe()
    program = subprocess.Popen(
        [sys.executable, "-c", "import subprocess, sys, time\nsubprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE)\ntime.sleep(1000)", *SUPERVISE, "sh", "-c", STARTS_TWO],
        stdout=writer,
    )
    os.close(writer)
    with os.fdopen(reader) as said:
        started = [int(said.readline()) for _ in range(2)]
        program.kill()
        program.wait()
        # Whoever could still write has ended when this does.
        assert said.read() == ""
    assert not any(map(alive, started))
