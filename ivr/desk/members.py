"""Keeps the members of Asterisk's queues as they are wished, whatever happens to either side."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping

import structlog

from ivr.desk.membership import NOWHERE, Belief, Command, Join, Quit, Wish
from ivr.desk.ports import ExchangeAway, MemberSeen, Phone, Switchboard
from ivr.dialogue.ports import Clock

log = structlog.get_logger(__name__)


class MemberKeeper:
    """Sends what is due, one command at a time for each telephone, and again after a failure."""

    def __init__(self, switchboard: Switchboard, clock: Clock, retry_seconds: float) -> None:
        self._switchboard = switchboard
        self._clock = clock
        self._retry_seconds = retry_seconds
        self._wishes: Mapping[Phone, Wish] = {}
        self._beliefs: defaultdict[Phone, Belief] = defaultdict(Belief)
        self._tasks: dict[Phone, asyncio.Task[None]] = {}
        self._closed = False

    async def close(self) -> None:
        """Send nothing more. Members stay as they are: talks and rings outlive the engine."""
        self._closed = True
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def want(self, wishes: Mapping[Phone, Wish]) -> None:
        """From now on Asterisk is to have these telephones so, and no other workplace's at all."""
        self._wishes = wishes
        for phone in wishes.keys() | self._beliefs.keys():
            self._attend(phone)

    def seen(self, members: Iterable[MemberSeen]) -> None:
        """Asterisk was looked at: everything is made sure of. Members of no workplace are left alone."""
        of_phone: defaultdict[Phone, list[MemberSeen]] = defaultdict(list)
        for member in members:
            phone = Phone.of(member.device)
            if phone is not None:
                of_phone[phone].append(member)
        for phone in of_phone.keys() | self._beliefs.keys() | self._wishes.keys():
            self._beliefs[phone].doubt(of_phone[phone])
            self._attend(phone)

    async def settled(self, phone: Phone, within_seconds: float) -> bool:
        """Wait until Asterisk has the telephone as wished; False when it takes too long."""
        task = self._tasks.get(phone)
        if task is None:
            return not self._due(phone)
        await asyncio.wait({task}, timeout=within_seconds)
        return task.done() and not self._due(phone)

    async def all_settled(self) -> None:
        """Wait until Asterisk has all telephones as wished, however long it takes."""
        while self._tasks:
            await asyncio.wait(set(self._tasks.values()))

    def _due(self, phone: Phone) -> list[Command]:
        return list(self._beliefs[phone].due(self._wishes.get(phone, NOWHERE)))

    def _attend(self, phone: Phone) -> None:
        if self._closed or phone in self._tasks or not self._due(phone):
            return
        self._tasks[phone] = asyncio.create_task(self._keep(phone), name=f"members-{phone.extension}")

    async def _keep(self, phone: Phone) -> None:
        try:
            while due := self._due(phone):
                if not await self._sent(phone, due[0]):
                    await self._clock.sleep(self._retry_seconds)
        finally:
            del self._tasks[phone]

    async def _sent(self, phone: Phone, command: Command) -> bool:
        belief, wish = self._beliefs[phone], self._wishes.get(phone, NOWHERE)
        belief.begun(command)
        doubts = belief.doubts
        try:
            await self._send(phone, command, wish)
        except ExchangeAway:
            log.info("members.put_off", command=type(command).__name__)
            return False
        except Exception:
            log.exception("members.failed", command=type(command).__name__)
            return False
        if belief.doubts == doubts:
            belief.done(command)
        return True

    async def _send(self, phone: Phone, command: Command, wish: Wish) -> None:
        match command:
            case Join(queue):
                await self._switchboard.join(queue, phone, wish.agent, wish.pause)
            case Quit(queue):
                await self._switchboard.leave(queue, phone)
            case _:
                await self._switchboard.pause(phone, command.reason)
