"""Asks slurmrestd on its socket. Python's own client of HTTP takes longer to load (with what it needs for TLS) than all else that a look at Slurm needs."""

import socket

from ansible_collections.regatta.cluster.plugins.module_utils.common import NotReady

# 22.05 serves v0.0.38, 26.05 up to v0.0.45; what is newer perhaps none of them.
VERSIONS = [*range(45, 37, -1), *range(46, 61)]


def get(path, target, timeout=10):
    """Status and body of a GET."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as way:
        way.settimeout(timeout)
        way.connect(path)
        way.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: way.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    words = head.split(None, 2)
    if len(words) < 2 or not words[0].startswith(b"HTTP/") or not words[1].isdigit():
        raise OSError(f"no HTTP: {head[:80].decode(errors='replace')}")
    return int(words[1]), body.decode(errors="replace")


def ping(path):
    """What it says of itself: any version of the interface that it serves will do."""
    status = 0
    try:
        for version in VERSIONS:
            status, body = get(path, f"/slurm/v0.0.{version}/ping")
            if status == 200:
                return body
    except OSError as error:
        raise NotReady(f"slurmrestd does not answer on {path}", str(error)) from error
    raise NotReady(f"slurmrestd answers {status} on {path}")
