"""Pace of a conversation: how long a caller waits for an answer to what he has said."""

from __future__ import annotations

from dataclasses import replace

from ivr.dialogue.ports import (
    Caller,
    Clock,
    Heard,
    HeardTurn,
    Journal,
    QueueRequest,
    Said,
    Speech,
    Step,
    Turn,
)


class PacedTurns:
    """A `Caller` and the `Journal` of the same call: adds its latency to each spoken turn.

    The latency goes from the end of the speech, as the recogniser saw it, to the next prompt, so a turn is
    noted when that prompt begins; where none follows, at the next turn or at the end, without a latency.
    """

    def __init__(self, caller: Caller, journal: Journal, clock: Clock) -> None:
        """Args: caller and journal, of one call."""
        self._caller = caller
        self._journal = journal
        self._clock = clock
        self._ended: float | None = None
        self._holding = False
        self._turn: HeardTurn | None = None

    # --- the caller ------------------------------------------------------------------------------------

    async def say(self, speech: Speech) -> None:
        """As `Caller.say`; what may be interrupted is played later."""
        self._holding = self._holding or bool(speech.fragments)
        if not speech.interruptible:
            self._play()
        await self._caller.say(speech)

    async def ask(self, turn: Turn) -> Heard:
        """As `Caller.ask`."""
        self._holding = self._holding or bool(turn.speech.fragments)
        self._play()
        heard = await self._caller.ask(turn)
        self._ended = self._clock.monotonic() - heard.after_seconds if isinstance(heard, Said) else None
        return heard

    async def flush(self) -> None:
        """As `Caller.flush`."""
        self._play()
        await self._caller.flush()

    async def enqueue(self, request: QueueRequest) -> None:
        """As `Caller.enqueue`."""
        self._play()
        await self._caller.enqueue(request)

    async def hang_up(self) -> None:
        """As `Caller.hang_up`."""
        self._play()
        await self._caller.hang_up()

    # --- the journal -----------------------------------------------------------------------------------

    def step(self, step: Step) -> None:
        """As `Journal.step`."""
        self._journal.step(step)

    def turn(self, turn: HeardTurn) -> None:
        """As `Journal.turn`; a spoken turn waits for the prompt that answers it."""
        self._note(None)
        if turn.voice:
            self._turn = turn
        else:
            self._journal.turn(turn)

    def close(self) -> None:
        """The conversation has ended: nothing waits any more."""
        self._note(None)

    def _play(self) -> None:
        """What is held begins to be played now."""
        if not self._holding:
            return
        self._holding = False
        self._note(None if self._ended is None else self._clock.monotonic() - self._ended)
        self._ended = None

    def _note(self, latency: float | None) -> None:
        turn, self._turn = self._turn, None
        if turn is not None:
            self._journal.turn(replace(turn, latency_seconds=latency))
