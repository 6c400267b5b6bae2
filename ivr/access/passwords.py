"""Passwords: which are good enough, and how they are kept."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from ruamel.yaml import YAML

from ivr.access.settings import PasswordSettings

T = TypeVar("T")
_WORST = Path(__file__).with_name("worst_passwords.yaml")
_AROUND = "0123456789!?.,:;_-@#$%^&*+=() "
_LONGEST = 200
_LEAST_DIFFERENT = 5
_NICENESS = 10


class Weakness(StrEnum):
    """Why a password is not taken."""

    SHORT = "short"
    LONG = "long"
    LOGIN = "login"  # holds the login, or is held by it
    COMMON = "common"  # among the first that an attacker tries
    SAME = "same"  # is the present one


class Busy(Exception):
    """So many passwords wait to be checked that no more are taken; come again in a second."""


class Rules:
    """Which passwords are good enough: long, no part of the login, none that is tried first.

    As NIST SP 800-63B, 3.1.1.2, asks: length and a list of the worst instead of classes of characters.
    """

    def __init__(self, least_length: int) -> None:
        words = YAML(typ="safe", pure=True).load(_WORST.read_text(encoding="utf-8"))["words"]
        self._worst = frozenset(words.split())
        self._least_length = least_length

    def weakness(self, password: str, login: str) -> Weakness | None:
        """Why a password is too weak for this user; None: it is good enough."""
        folded = password.casefold()
        if len(password) < self._least_length:
            return Weakness.SHORT
        if len(password) > _LONGEST:
            return Weakness.LONG
        if login.casefold() in folded:
            return Weakness.LOGIN
        return Weakness.COMMON if self._is_common(folded) else None

    def _is_common(self, folded: str) -> bool:
        monotonous = len(set(folded)) < _LEAST_DIFFERENT
        return monotonous or folded in self._worst or folded.strip(_AROUND) in self._worst


class Hasher:
    """Argon2id on a few threads of low priority, so that a storm of sign-ins starves nobody.

    Strangers have threads and places of their own: those who are known don't wait behind them.
    """

    def __init__(self, settings: PasswordSettings) -> None:
        self._argon = PasswordHasher(
            time_cost=settings.passes, memory_cost=settings.memory_kib, parallelism=1
        )
        self._known = _Threads(settings, "passwords")
        self._strangers = _Threads(settings, "passwords-strangers")
        self._nobody = self._strangers.pool.submit(self._argon.hash, os.urandom(16).hex())

    async def hash(self, password: str) -> str:
        """The encoded hash, with its parameters and a salt of its own.

        Raises:
            Busy: Too many wait.
        """
        return await self._known.run(lambda: self._argon.hash(password))

    async def verify(self, encoded: str | None, password: str, *, familiar: bool = False) -> bool:
        """Whether the password is right; it takes as long where there is no user (None).

        Args:
            encoded: The hash that is kept.
            password: What was typed.
            familiar: The user has signed in from there before.

        Raises:
            Busy: Too many wait.
        """
        threads = self._known if familiar else self._strangers
        return await threads.run(lambda: self._matches(encoded, password))

    def outdated(self, encoded: str) -> bool:
        """Whether the hash was made with other parameters and should be made anew at the next sign-in."""
        return self._argon.check_needs_rehash(encoded)

    def close(self) -> None:
        """End the threads."""
        for threads in (self._known, self._strangers):
            threads.pool.shutdown(wait=False, cancel_futures=True)

    def _matches(self, encoded: str | None, password: str) -> bool:
        try:
            return self._argon.verify(encoded or self._nobody.result(), password) and encoded is not None
        except (VerificationError, InvalidHashError):
            return False


class _Threads:
    """Threads with a bounded number of places before them."""

    def __init__(self, settings: PasswordSettings, name: str) -> None:
        self.pool = ThreadPoolExecutor(settings.threads, name, initializer=_step_back)
        self._places = settings.threads + settings.waiting
        self._running = 0

    async def run(self, work: Callable[[], T]) -> T:
        """Do it; a place is held until it is done, whoever has stopped waiting for it.

        Raises:
            Busy: All places are taken.
        """
        if self._running >= self._places:
            raise Busy
        self._running += 1
        done = asyncio.get_running_loop().run_in_executor(self.pool, work)
        done.add_done_callback(self._note_end)
        return await asyncio.shield(done)

    def _note_end(self, _done: object) -> None:
        self._running -= 1


def _step_back() -> None:
    """Let the event loop and its helpers go first: on Linux a priority belongs to a thread."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
