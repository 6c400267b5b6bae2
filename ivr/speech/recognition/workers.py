"""Threads for recognition. One that a recogniser never gives back is written off and replaced."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue

Work = Callable[[], None]


class Job:
    """A piece of work on its way; see `Workers.submit`."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._running = False
        self._over = False

    def run(self) -> bool:
        """Do the work; whether the thread is still wanted."""
        with self._lock:
            if self._over:
                return True
            self._running = True
        try:
            self._work()
        finally:
            with self._lock:
                lost, self._over = self._over, True
        return not lost

    def give_up(self) -> bool:
        """Wait for it no longer; whether a thread is lost with it."""
        with self._lock:
            if self._over:
                return False
            self._over = True
            return self._running


class Workers:
    """A fixed number of threads that work.

    Daemon threads: a recogniser that hangs for ever must not keep the process alive.

    Attributes:
        count: Threads that take work.
        lost: Threads that were written off and are still busy.
    """

    def __init__(self, name: str, count: int) -> None:
        """Start the threads."""
        self._name = name
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._counting = threading.Lock()
        self.count = count
        self.lost = 0
        for _ in range(count):
            self._start()

    def submit(self, work: Work) -> Job:
        """Have it done by the next free thread. `work` raises nothing."""
        job = Job(work)
        self._queue.put(job)
        return job

    def give_up(self, job: Job) -> None:
        """Wait for a job no longer: it is not begun, or its thread is written off and another one started."""
        if job.give_up():
            self._count(1)
            self._start()

    def close(self, seconds: float) -> None:
        """End the threads; waits so long for each that is still working. Blocks."""
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join(seconds)

    def _start(self) -> None:
        thread = threading.Thread(target=self._run, name=f"{self._name}-{len(self._threads)}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _run(self) -> None:
        while job := self._queue.get():
            if not job.run():
                self._count(-1)
                return

    def _count(self, lost: int) -> None:
        with self._counting:
            self.lost += lost
