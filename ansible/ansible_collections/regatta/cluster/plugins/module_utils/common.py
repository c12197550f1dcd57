"""What the modules share: programs, waiting until something is ready, logs and directories."""

import os
import shutil
import subprocess
import time

PAUSE = 0.1


class NotReady(Exception):
    """What is wrong, with more lines where there are some."""

    def __init__(self, text, detail=""):
        super().__init__(text)
        self.detail = detail


class Hopeless(NotReady):
    """Waiting longer would change nothing."""


def run(command, timeout=30, stdin=None):
    """Exit code, output and errors of a program; 124 when it had no end in time."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=max(timeout, 0.1), cwd="/", input=stdin, check=False)
    except subprocess.TimeoutExpired as expired:
        return 124, (expired.stdout or b"").decode(errors="replace"), f"no end within {timeout:.0f} s"
    return done.returncode, done.stdout, done.stderr


def wait(step, limit):
    """Calls a step until it returns without NotReady; what the last one says goes out when the limit (of time.monotonic) has passed."""
    while True:
        try:
            return step()
        except NotReady as reason:
            if isinstance(reason, Hopeless) or time.monotonic() > limit:
                raise
        time.sleep(PAUSE)


def tail(path, lines=20):
    """The end of a log; nothing when it is not there."""
    if not os.path.exists(path):
        return ""
    with open(path, errors="replace") as file:
        return "".join(file.readlines()[-lines:])


def empty(directory):
    """Removes what is in a directory, if there is one."""
    for entry in os.scandir(directory) if os.path.isdir(directory) else ():
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path)
        else:
            os.unlink(entry.path)


def set_aside(log):
    """Keeps a log under the name with .old added, in the place of the one before."""
    if os.path.exists(log):
        os.replace(log, log + ".old")
