"""Which state a mapping of a scenario is: told by its verb."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Tag

from ivr.dialogue.schema.states import (
    Ask,
    Call,
    Choose,
    Confirm,
    Do,
    End,
    ForEach,
    Form,
    Queue,
    Say,
    Set,
    State,
    When,
)

VERBS: tuple[str, ...] = (
    "ask", "choose", "confirm", "do", "when", "set", "for_each", "form", "call", "queue", "end", "say",
)  # fmt: skip
"""In the order of precedence: `say` and `end` accompany other verbs."""


def verb_of(value: Any) -> str | None:
    """The verb of a state, as written or already read."""
    if isinstance(value, State):
        return value.verb
    if not isinstance(value, dict):
        return None
    verb = next((verb for verb in VERBS if verb in value), None)
    return "say" if verb == "end" and "then" in value and "say" in value else verb


AnyState = Annotated[
    Annotated[Ask, Tag("ask")]
    | Annotated[Choose, Tag("choose")]
    | Annotated[Confirm, Tag("confirm")]
    | Annotated[Do, Tag("do")]
    | Annotated[When, Tag("when")]
    | Annotated[Set, Tag("set")]
    | Annotated[ForEach, Tag("for_each")]
    | Annotated[Form, Tag("form")]
    | Annotated[Call, Tag("call")]
    | Annotated[Queue, Tag("queue")]
    | Annotated[End, Tag("end")]
    | Annotated[Say, Tag("say")],
    Discriminator(
        verb_of,
        custom_error_type="no-verb",
        custom_error_message=f"a state does one thing: one of {', '.join(VERBS)}",
    ),
]
