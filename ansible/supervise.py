"""Runs a command and ends with it; when standard input ends first, ends the command and all that it started.

usage: supervise.py COMMAND [ARGUMENT...]

The program holds the other end of standard input, so that it ends however the program ends. Processes that the command started are found by
their parents: those that lose theirs become children of this process (a "child subreaper", see prctl(2)), in whatever session they are.
"""

import ctypes
import os
import select
import signal
import subprocess
import sys

PR_SET_CHILD_SUBREAPER = 36


def descendants():
    """Process ids of all that descend from this process."""
    children = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as file:
                # The name stands in parentheses and may hold anything.
                children.setdefault(int(file.read().rpartition(")")[2].split()[1]), []).append(int(entry))
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended
    found, open_ones = [], [os.getpid()]
    while open_ones:
        own = children.get(open_ones.pop(), [])
        found += own
        open_ones += own
    return found


def end_all():
    """Kills every descendant, and waits until there is none."""
    while True:
        # One that is killed may have started another a moment before: looked at until there is nobody to wait for.
        for process in descendants():
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def end_by_signal(number, _frame):
    """A signal that ends this process ends all that was started as well."""
    end_all()
    sys.exit(128 + number)


def main(command):
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    # A session of its own: a Ctrl-C on the terminal reaches the program alone.
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    ended = os.pidfd_open(child.pid)
    poll = select.poll()
    poll.register(ended, select.POLLIN)
    poll.register(0, select.POLLIN)
    while True:
        ready = {descriptor for descriptor, _ in poll.poll()}
        if ended in ready:
            code = child.wait()
            return code if code >= 0 else 128 - code
        if 0 in ready and not os.read(0, 4096):
            end_all()
            return 128 + signal.SIGKILL


if __name__ == "__main__":
    # What the terminal sends reaches the program, which decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, end_by_signal)
    signal.signal(signal.SIGHUP, end_by_signal)
    sys.exit(main(sys.argv[1:]))
