"""Makes the threads of a process look anew at what they wait for.

A thread that polls a descriptor while another one closes it is woken and looks at that number again; if the
number has been given to another file by then, the thread waits for ever, also once that file is closed
(Linux, fs/select.c: do_pollfd). A process that is stopped and goes on begins its polls anew
(restart_syscall(2)), and finds the number closed.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Final

_LOOKS: Final = 50
_LOOK_SECONDS: Final = 0.001


def nudge(pid: int) -> None:
    """Stop a process for some milliseconds; returns when it goes on.

    Raises:
        ProcessLookupError: There is none.
        PermissionError: It is another user's.
    """
    os.kill(pid, signal.SIGSTOP)
    try:
        for _ in range(_LOOKS):
            if _stands(pid):
                return
            time.sleep(_LOOK_SECONDS)
    finally:
        resume(pid)


def resume(pid: int) -> None:
    """Let it go on; raises as `nudge`."""
    os.kill(pid, signal.SIGCONT)


def _stands(pid: int) -> bool:
    try:
        threads = [each.read_text() for each in Path(f"/proc/{pid}/task").glob("*/stat")]
    except OSError:  # a thread has ended meanwhile
        return False
    return all(each.rpartition(")")[2].split()[0] == "T" for each in threads)
