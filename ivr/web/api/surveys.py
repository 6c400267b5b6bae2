"""Whether a caller agrees to be asked after the talk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from ivr.access.model import Right
from ivr.calls.legs import Leg
from ivr.calls.surveys import Surveys
from ivr.web.api.route import Asked, Refused, Route

_NOT_YOUR_CALL = "В этом разговоре Вы не участвуете."


class Agreed(BaseModel):
    """What the caller said."""

    agreed: bool


def routes(surveys: Surveys, legs: Callable[[str], Sequence[Leg]]) -> list[Route]:
    """`/calls/{call_id}/survey`; `legs` are those of a call that goes on."""
    return [
        Route(
            method="POST",
            path="/calls/{call_id}/survey",
            title="The caller agrees to be asked after the talk, or not",
            right=Right.WORK,
            run=_Surveys(surveys, legs).agree,
            body=Agreed,
        )
    ]


@dataclass(frozen=True, slots=True)
class _Surveys:
    surveys: Surveys
    legs: Callable[[str], Sequence[Leg]]

    async def agree(self, asked: Asked) -> None:
        body: Agreed = asked.body
        call_id, login = asked.path["call_id"], asked.user.login
        if not any(leg.agent == login and leg.answered_at for leg in self.legs(call_id)):
            raise Refused(403, "not-your-call", _NOT_YOUR_CALL)
        await self.surveys.agree(call_id, login, body.agreed)
