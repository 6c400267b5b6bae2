"""One call under AGI: commands and their replies, and the news that the caller is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

import structlog

from ivr.asterisk.agi.protocol import Environment, Reply, command_line
from ivr.asterisk.agi.settings import AgiSettings
from ivr.dialogue.ports import CallerGone

log = structlog.get_logger(__name__)

CommandObserver = Callable[[str, float], None]
"""Told of each command: its verb, and the seconds for which Asterisk (and the caller) waited for it."""


class LinkLost(CallerGone):
    """The connection ended without a hang-up: Asterisk died, froze or dropped us."""


class CommandFailed(Exception):
    """Asterisk refused a command or could not do it, while the caller is still there."""


class AgiSession:
    """The engine's end of one FastAGI connection.

    Attributes:
        environment: The request header.
        gone: Set as soon as the caller is gone, also while no command runs.
    """

    def __init__(
        self,
        environment: Environment,
        transport: asyncio.WriteTransport,
        settings: AgiSettings,
        observe: CommandObserver,
        clock: Callable[[], float],
    ) -> None:
        """Args: transport, the open connection; observe, told of each command; clock, seconds, monotonic."""
        self.environment = environment
        self.gone = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._transport = transport
        self._settings = settings
        self._observe = observe
        self._clock = clock
        self._asked_at = clock()
        self._hung_up = False
        self._pending: asyncio.Future[Reply | None] | None = None
        self._abandoned: asyncio.Event | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def hung_up(self) -> bool:
        """Whether Asterisk said that the caller hung up (and the connection was not merely lost)."""
        return self._hung_up

    # --- commands --------------------------------------------------------------------------------------

    async def command(self, verb: str, *arguments: str | int, within: float | None = None) -> Reply:
        """Send a command and wait for its reply.

        Args:
            verb: Asterisk's words for it, `GET DATA`.
            arguments: Quoted as needed.
            within: Seconds to wait for the reply; `command_seconds` of the settings without. A reply that
                is late leaves the connection out of step, so it is closed.

        Returns:
            A reply of 200. What its result means is the command's own affair.

        Raises:
            CallerGone: The caller hung up; `LinkLost` when the connection ended without a hang-up.
            CommandFailed: Asterisk does not know the command or its arguments (510, 520).
            RuntimeError: Another command is running.
            ValueError: An argument can not be sent.
        """
        line = command_line(verb, arguments)
        await self._until_free()
        if self.gone.is_set():
            raise self._farewell()
        pending = self._pending = self._loop.create_future()
        self._timer = self._loop.call_later(within or self._settings.command_seconds, self._late)
        self._observe(verb, self._clock() - self._asked_at)
        self._transport.write(line)
        try:
            reply = await pending
        except asyncio.CancelledError:
            if self._pending is pending:
                self._abandoned = asyncio.Event()
            raise
        return self._checked(verb, reply)

    async def answer(self) -> None:
        """Answer the channel; nothing happens when it is answered already."""
        reply = await self.command("ANSWER")
        await self.require(reply, "ANSWER")

    async def set_variable(self, name: str, value: str) -> None:
        """Set a channel variable or a dialplan function such as `TIMEOUT(digit)`."""
        await self.command("SET VARIABLE", name, value)

    async def get_variable(self, name: str) -> str | None:
        """Read a channel variable or a dialplan function; None when it is not set."""
        return (await self.command("GET VARIABLE", name)).data

    async def evaluate(self, expression: str) -> str:
        """Substitute variables in a text such as `${READSTATUS}:${KEYS}`."""
        return (await self.command("GET FULL VARIABLE", expression)).data or ""

    async def execute(self, application: str, *arguments: str, within: float | None = None) -> None:
        """Run a dialplan application.

        Args:
            application: Its name.
            arguments: Joined by commas; one must not hold a comma itself.
            within: As in `command`.

        Raises:
            CommandFailed: There is no such application, or it failed.
            ValueError: An argument holds a comma.
        """
        if any("," in argument for argument in arguments):
            raise ValueError(f"An argument of {application} holds a comma.")
        reply = await self.command(f"EXEC {application}", ",".join(arguments), within=within)
        await self.require(reply, application)

    async def require(self, reply: Reply, what: str) -> None:
        """Judge a negative result: -1 is a hang-up or a failure, others are failures.

        Raises:
            CallerGone: A hang-up.
            CommandFailed: Asterisk could not do it.
        """
        if reply.result == "-1":
            await self.gone_or_failed(what)
        if reply.result.startswith("-"):
            raise CommandFailed(f"Asterisk could not carry out {what} (result {reply.result}).")

    async def gone_or_failed(self, what: str) -> NoReturn:
        """Tell a hang-up, whose line follows the result at once, from a failure; raises as `require`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.hangup_grace_seconds):
                await self.gone.wait()
            raise self._farewell()
        raise CommandFailed(f"Asterisk could not carry out {what}.")

    # --- told by the connection ------------------------------------------------------------------------

    def on_reply(self, reply: Reply) -> bool:
        """A reply arrived; False when none was due. After a hang-up the late ones are of no interest."""
        if self._pending is None:
            return self.gone.is_set()
        self._asked_at = self._clock()
        self._finish(reply)
        return True

    def on_hangup(self) -> None:
        """Asterisk said that the caller is gone."""
        self._hung_up = True
        self._leave()

    def on_lost(self) -> None:
        """The connection ended."""
        self._leave()

    # --- inside ----------------------------------------------------------------------------------------

    async def _until_free(self) -> None:
        """Wait for the reply that a cancelled command still has to get."""
        while self._pending is not None:
            if self._abandoned is None:
                raise RuntimeError("One AGI command at a time: another one is running on this call.")
            await self._abandoned.wait()

    def _checked(self, verb: str, reply: Reply | None) -> Reply:
        if reply is None:
            raise self._farewell()
        if reply.code == 511:
            self.on_hangup()
            raise CallerGone
        if reply.code != 200:
            raise CommandFailed(f"Asterisk refused {verb} ({reply.code}).")
        return reply

    def _farewell(self) -> CallerGone:
        return CallerGone() if self._hung_up else LinkLost()

    def _finish(self, reply: Reply | None) -> None:
        pending, self._pending = self._pending, None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if pending is not None and not pending.done():
            pending.set_result(reply)
        if self._abandoned is not None:
            self._abandoned.set()
            self._abandoned = None

    def _leave(self) -> None:
        self.gone.set()
        self._finish(None)

    def _late(self) -> None:
        log.warning("agi.reply-late", channel=self.environment.channel)
        self._transport.abort()
