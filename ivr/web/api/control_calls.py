"""What control calls on complaints came to, as whoever has called the client tells it."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.access.model import Right
from ivr.satisfaction.control import ControlResults
from ivr.satisfaction.outcomes import ControlResult
from ivr.web.api.route import Asked, Refused, Route
from ivr.web.api.satisfaction_models import ControlDone, ControlDoneTold
from ivr.web.api.tasks import NOT_YOURS
from ivr.web.api.work_faults import id_of, told
from ivr.web.api.work_models import may_see

_NO_SATISFACTION = "Укажите, доволен ли клиент."


def routes(control: ControlResults) -> list[Route]:
    """`/tasks/{id}/control`."""
    return [
        Route(
            method="POST",
            path="/tasks/{id}/control",
            title="Close a control call with what it came to",
            right=Right.WORK,
            run=_ControlCalls(control).done,
            body=ControlDone,
            answer=ControlDoneTold,
        )
    ]


@dataclass(frozen=True, slots=True)
class _ControlCalls:
    control: ControlResults

    async def done(self, asked: Asked) -> ControlDoneTold:
        body: ControlDone = asked.body
        if body.reached and body.satisfied is None:
            raise Refused(422, "no-answer", _NO_SATISFACTION, "satisfied")
        result = ControlResult(
            reached=body.reached,
            satisfied=body.satisfied if body.reached else None,
            score=body.score if body.reached else None,
            words=body.words.strip(),
        )
        with told():
            task = await self.control.task(id_of(asked))
            if not (may_see(asked.user, task) or asked.user.may(Right.DESK)):
                raise Refused(403, "not-yours", NOT_YOURS)
            number = await self.control.finish(task.id, asked.user.login, result)
        return ControlDoneTold(continued_as=number)
