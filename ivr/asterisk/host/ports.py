"""Whether a port is free, and who has it."""

from __future__ import annotations

import errno
import socket
from contextlib import suppress
from ipaddress import IPv4Address
from pathlib import Path

from ivr.errors import Fault

_KIND = {"udp": socket.SOCK_DGRAM, "tcp": socket.SOCK_STREAM}


def require_free(protocol: str, host: IPv4Address, port: int, setting: str) -> None:
    """Make sure that a port can be bound.

    Args:
        protocol: `udp` or `tcp`.
        host: Local address.
        port: The port.
        setting: Name of the setting that chooses the port, for the message.

    Raises:
        Fault: The port is taken (with the process where it can be seen), or the address is not ours.
    """
    problem = _bind_problem(protocol, host, port)
    if problem is None:
        return
    where = f"{protocol} {host}:{port}"
    if problem.errno == errno.EADDRINUSE:
        holder = _holder(protocol, port)
        by = f" by {holder}" if holder else ""
        raise Fault(f"The port is taken{by}.", where, f"Stop that program, or set {setting} to another port.")
    raise Fault(f"The port can't be used: {problem.strerror}.", where, f"Correct {setting}.")


def is_bound(protocol: str, host: IPv4Address, port: int) -> bool:
    """Whether a program has the port."""
    problem = _bind_problem(protocol, host, port)
    return problem is not None and problem.errno == errno.EADDRINUSE


def _bind_problem(protocol: str, host: IPv4Address, port: int) -> OSError | None:
    with socket.socket(socket.AF_INET, _KIND[protocol]) as probe:
        if protocol == "tcp":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((str(host), port))
        except OSError as error:
            return error
    return None


def _holder(protocol: str, port: int) -> str:
    sockets = {f"socket:[{inode}]" for inode in _inodes(protocol, port)}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if any(str(link.readlink()) in sockets for link in (process / "fd").iterdir()):
                return f"{(process / 'comm').read_text().strip()} (process {process.name})"
    return ""


def _inodes(protocol: str, port: int) -> set[str]:
    found = set()
    for table in (protocol, f"{protocol}6"):
        with suppress(OSError):
            for row in Path("/proc/net", table).read_text().splitlines()[1:]:
                columns = row.split()
                if int(columns[1].rpartition(":")[2], 16) == port and columns[3] in ("07", "0A"):
                    found.add(columns[9])
    return found
