"""What a call of the API is: its place, who may make it, what goes in and what comes out.

The server authenticates, checks the right, the origin and the form of the request before the handler runs;
the OpenAPI document is made from the same declaration.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from ivr.access.model import Right, User


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An authorised request.

    Attributes:
        user: Who asks.
        session_id: Public id of the session (not the cookie's secret).
        path: Variable parts of the path, by name.
        body: Of the declared model, an `Upload` where a file is sent, or None.
        query: Of the declared model, or None.
    """

    user: User
    session_id: str
    path: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    query: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that was sent as the body.

    Attributes:
        path: Where it lies until the handler returns; who wants it longer moves it away.
        size: Its bytes.
    """

    path: Path
    size: int


class Refused(Exception):
    """The request can't be done; the person is told why, in Russian.

    Attributes:
        status: HTTP status: 403, 404, 409, 422, 503, …
        code: Short name for the page, such as `slot-taken`.
        message: What is wrong and how to go on, for the person.
        field: Field of the body that it is about, or None.
    """

    def __init__(self, status: int, code: str, message: str, field: str | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.field = field


@dataclass(frozen=True, slots=True)
class Download:
    """A file that is answered instead of JSON.

    Attributes:
        name: ASCII, with its ending.
        media_type: RFC 6838.
        policy: Of its contents, for a page that is shown; without one it is saved.
    """

    content: bytes = field(repr=False)
    name: str
    media_type: str
    policy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranged:
    """A file of which any range can be asked (RFC 9110, section 14); it is answered in parts.

    Attributes:
        media_type: RFC 6838.
        size: Bytes of the whole.
        tag: Tells one content from another, ASCII; the ETag without its quotes.
        read: Bytes from the first number on, as many as the second says, fewer at the end. A `Refused`
            of the first part is told; later ones break the answer off.
    """

    media_type: str
    size: int
    tag: str
    read: Callable[[int, int], Awaitable[bytes]] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A file that is made while it is answered, and saved.

    Attributes:
        name: ASCII, with its ending.
        media_type: RFC 6838.
        parts: Its content. What is raised breaks the answer off, so that no half passes for the whole.
    """

    name: str
    media_type: str
    parts: AsyncGenerator[bytes, None] = field(repr=False)


Answer = BaseModel | Download | Ranged | Flow | None
Handler = Callable[[Asked], Awaitable[Answer]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One call of the API.

    Attributes:
        method: `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
        path: Below `/api`, such as `/cards/{call_id}`.
        title: What it does, in English, for the document.
        right: Asked of the user.
        run: Returns the answer; None makes 204.
        media_type: Of a file; None where the answer is JSON.
        body: Model of the JSON that is sent, unknown fields refused.
        upload: Most bytes of a file that is sent as the body, `application/octet-stream`; 0: no file is.
        query: Model of the parameters after `?`.
        answer: Model of what comes back.
        status: HTTP status of success when there is an answer.
    """

    method: str
    path: str
    title: str
    right: Right
    run: Handler
    body: type[BaseModel] | None = None
    upload: int = 0
    query: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    status: int = 200
    media_type: str | None = None
