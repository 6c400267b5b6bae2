"""The one place that touches panoramisk 1.4: its AMI protocol, with the faults healed.

panoramisk pairs replies with actions and knows when a list of replies is complete. Healed here:

- it decodes each TCP chunk by itself and drops what it cannot decode: an incremental decoder replaces it;
- an exception over one message drops the connection and the rest of the chunk: messages are guarded singly;
- what was unanswered when a connection ends is sent again on the next one, or never completes:
  it fails with `LinkLost`;
- header values may carry line ends, and with them actions of their own: they are refused;
- every event is parsed, wanted or not: here they pass on as text with their name, for the taker to sort out.
"""

import asyncio
import codecs
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog
from panoramisk.actions import Action
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.message import Message

from ivr.asterisk.ami.errors import ActionRefused, LinkLost, where_raised
from ivr.asterisk.ami.messages import LINE_END, Response

log = structlog.get_logger(__name__)

Field = str | int | Sequence[str]
"""A value of an action; a sequence is sent as a repeated header."""

TakeEvent = Callable[[str, str], None]
"""Called with the name and the text of each event that belongs to no list; must return at once."""

_MESSAGE_END = LINE_END * 2
_MESSAGE_LIMIT_CHARS = 1_000_000
_EVENT = "Event: "
_STARTS = (_EVENT, "Response: ")
_FIRST_HEADER = re.compile(r"\r\n(?=Event: |Response: )")
_FORBIDDEN = re.compile(r"[\r\n\0\ud800-\udfff]")


def refuse_unsafe(action: str, fields: Mapping[str, Field]) -> None:
    """Refuse what would end a header early or cannot be sent as UTF-8.

    Raises:
        ValueError: A name or a value holds CR, LF, NUL or half a surrogate pair. The value is not shown.
    """
    for name, value in {"Action": action, **fields}.items():
        values = value if isinstance(value, list | tuple) else [str(value)]
        if any(_FORBIDDEN.search(part) for part in (name, *values)):
            raise ValueError(f"Action {action!r}: {name!r} holds a line end, NUL or a broken character.")


class Wire(AMIProtocol):  # type: ignore[misc]  # panoramisk is untyped
    """One connection to the manager interface.

    Attributes:
        lost: Done when the connection has ended, whoever ended it.
    """

    encoding = "utf-8"

    def __init__(self, take_event: TakeEvent) -> None:
        self._take_event = take_event
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def request(self, name: str, fields: Mapping[str, Field], limit_seconds: float) -> Response:
        """Send an action and wait for its reply.

        Raises:
            ActionRefused: Asterisk answered with an error.
            LinkLost: The connection ended first.
            TimeoutError: No reply within the limit.
            ValueError: A field is unsafe; nothing was sent.
        """
        reply = await self._exchange(name, fields, limit_seconds, as_list=False)
        return _accepted(name, reply)

    async def request_list(
        self, name: str, fields: Mapping[str, Field], limit_seconds: float
    ) -> list[Response]:
        """Send an action and wait for its list of replies, without head and tail; raises as `request`."""
        replies = await self._exchange(name, fields, limit_seconds, as_list=None)
        if not isinstance(replies, list):
            replies = [replies]
        _accepted(name, replies[0])
        return [Response(dict(reply.items())) for reply in replies[1:-1]]

    async def _exchange(
        self, name: str, fields: Mapping[str, Field], limit_seconds: float, *, as_list: bool | None
    ) -> Any:
        refuse_unsafe(name, fields)
        if self.closed:
            raise LinkLost("The connection has ended.")
        action = Action({"Action": name, **fields})
        try:
            async with asyncio.timeout(limit_seconds):
                return await self.send(action, as_list=as_list)
        finally:
            self.responses.pop(action.id, None)

    def data_received(self, data: bytes) -> None:
        """Take what has come, cut anywhere."""
        text = self._rest + self._decoder.decode(data)
        *messages, self._rest = text.split(_MESSAGE_END)
        for message in messages:
            try:
                self._take(message)
            except Exception as error:
                log.error("ami.message.failed", error=type(error).__name__, trace=where_raised(error))
        if len(self._rest) > _MESSAGE_LIMIT_CHARS:
            log.error("ami.message.endless", limit_chars=_MESSAGE_LIMIT_CHARS)
            self.close()

    def _take(self, text: str) -> None:
        if not text.startswith(_STARTS):
            _, *rest = _FIRST_HEADER.split(text, maxsplit=1)  # the banner, or garbage
            if not rest:
                return
            text = rest[0]
        if self.responses and self._is_reply(text):
            return
        if text.startswith(_EVENT):
            self._take_event(text[len(_EVENT) :].partition(LINE_END)[0], text)

    def _is_reply(self, text: str) -> bool:
        if "\r\nActionID: " not in text:
            return False
        message = Message.from_line(text)
        if message.id not in self.responses:
            return False
        self.handle_message(message)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail what is unanswered."""
        self.close()
        if not self.lost.done():
            self.lost.set_result(None)

    def close(self) -> None:
        """End the connection at once, without waiting for a peer that may be frozen."""
        self.closed = True
        self.transport.abort()
        for action in self.responses.values():
            if not action.future.done():
                action.future.set_exception(LinkLost("The connection ended before the reply."))


def _accepted(name: str, reply: Any) -> Response:
    if not reply.success:
        raise ActionRefused(name, str(reply.message))
    return Response(dict(reply.items()))
