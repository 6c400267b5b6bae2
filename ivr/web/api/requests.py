"""Requests (обращения): registering them, their lists, their way to the answer.

A list never shows personal data in full. A request does to those whom it concerns: who registered it, who
answers it, who talks with the client now, and holders of the right to all cards; each such view is on record.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from ivr.access.audit import Action, Audit
from ivr.access.model import Right, User
from ivr.access.users import Users
from ivr.requests.cases import NewRequest, UnknownRequest
from ivr.requests.lifecycle import Assign, NotPossible, Obstacle, Step
from ivr.requests.model import AnswerChannel, Change, Request
from ivr.requests.service import Requests
from ivr.requests.terms import Bound, Form, Stage
from ivr.web.api.audited import entry_of
from ivr.web.api.masks import initials, tail
from ivr.web.api.request_models import (
    Answered,
    Assigned,
    ChangeTold,
    GroundTold,
    Noted,
    Prolonged,
    RefusedOn,
    RequestMade,
    RequestRow,
    RequestsQuery,
    RequestsTold,
    RequestTold,
    StepMade,
    Titled,
    Withdrawn,
    WordsTold,
)
from ivr.web.api.route import Asked, Refused, Route

_UNKNOWN = "Обращения с таким номером нет."
_DENIED = "Это обращение ведёт другой сотрудник: полные данные и действия доступны ему и старшим."
_NO_SUCH_TOPIC = "Такой темы нет. Выберите тему из списка."
_NO_SUCH_USER = "Такого сотрудника нет."
_NO_CLIENT = "Укажите лицевой счёт, а если он неизвестен — имя и телефон клиента."
_NO_ADDRESS = "Укажите, куда отправить ответ."
_OBSTACLES = {
    Obstacle.CLOSED: "По этому обращению уже есть ответ.",
    Obstacle.PROLONGED_ALREADY: "Срок этого обращения уже продлевали, второй раз нельзя.",
    Obstacle.UNKNOWN_GROUND: "Выберите основание отказа из списка.",
    Obstacle.OTHER_CHANNEL: (
        "Клиент просил ответить по-другому: {channel}. Ответьте так или отметьте, что этот способ недоступен."
    ),
}

Concerned = Callable[[User, Request], bool]
"""Whether a user talks now with the client of a request."""

_STEPS: Mapping[str, tuple[type[StepMade], str]] = {
    "assign": (Assigned, "Say who answers a request"),
    "interim": (Prolonged, "Send an interim answer and put the term off"),
    "answer": (Answered, "Close a request with its answer"),
    "refuse": (RefusedOn, "Close a request that is not considered"),
    "withdraw": (Withdrawn, "Close a request that the client has taken back"),
    "note": (Noted, "Add to the history of a request"),
}


def routes(
    requests: Requests,
    *,
    profile: str,
    profile_titles: Mapping[str, str],
    users: Users,
    audit: Audit,
    topics: Callable[[], Collection[str]],
    profile_of: Callable[[str], Awaitable[str | None]] | None = None,
    concerned: Concerned = lambda user, request: False,
) -> list[Route]:
    """`/requests`.

    Args:
        requests: The room.
        profile: Standard that the company keeps.
        profile_titles: Titles of the standards, by profile.
        users: Who may be responsible.
        audit: Where views are put down.
        topics: Ids of the knowledge base; none: they are not checked.
        profile_of: Standard of the line of a call, by the call's id; None: always the company's.
        concerned: Whether a user talks with the client now.
    """
    does = _Requests(requests, profile, profile_titles, users, audit, topics, profile_of, concerned)
    route = partial(Route, right=Right.WORK)
    return [
        route(
            method="GET",
            path="/requests",
            title="Requests",
            run=does.all,
            query=RequestsQuery,
            answer=RequestsTold,
        ),
        route(
            method="POST",
            path="/requests",
            title="Register a request",
            run=does.register,
            body=RequestMade,
            answer=RequestTold,
            status=201,
        ),
        route(
            method="GET", path="/requests/words", title="What forms offer", run=does.words, answer=WordsTold
        ),
        route(
            method="GET",
            path="/requests/{number}",
            title="A request with its history",
            run=does.find,
            answer=RequestTold,
        ),
        *(
            route(
                method="POST",
                path=f"/requests/{{number}}/{name}",
                title=title,
                run=does.taking,
                body=body,
                answer=RequestTold,
            )
            for name, (body, title) in _STEPS.items()
        ),
    ]


@dataclass(frozen=True, slots=True)
class _Requests:
    requests: Requests
    profile: str
    profile_titles: Mapping[str, str]
    users: Users
    audit: Audit
    topics: Callable[[], Collection[str]]
    profile_of: Callable[[str], Awaitable[str | None]] | None
    concerned: Concerned

    async def all(self, asked: Asked) -> RequestsTold:
        query: RequestsQuery = asked.query
        page = await self.requests.lists.search(query.wanted(), query.limit, query.offset)
        names = await self._names()
        rows = [RequestRow(**self._row(each, names)) for each in page.requests]
        return RequestsTold(requests=rows, total=page.total)

    async def words(self, asked: Asked) -> WordsTold:
        titles, rules = self.requests.titles, self.requests.cases.rules(self.profile)
        return WordsTold(
            kinds=_titled(titles.kinds),
            statuses=_titled(titles.statuses),
            channels=_titled(titles.channels),
            grounds=[
                GroundTold(id=each.id, title=each.title, tell_within_days=each.tell_within_days)
                for each in rules.grounds
            ],
            phone_answer_suffices=rules.phone_answer_suffices,
        )

    async def find(self, asked: Asked) -> RequestTold:
        request, history = await self._found(asked)
        if not self._may(asked.user, request):
            return await self._told(request, history, masked=True)
        await self._record(asked, request, Action.VIEWED, "request")
        return await self._told(request, history, masked=False)

    async def register(self, asked: Asked) -> RequestTold:
        made: RequestMade = asked.body
        await self._check(made)
        values = made.model_dump(exclude={"account", "name", "channel"})
        request = await self.requests.cases.register(
            NewRequest(
                **values,
                account_number=made.account,
                client_name=made.name.strip(),
                answer_channel=made.channel,
                profile=await self._profile(made.call_id),
                by=asked.user.login,
            )
        )
        await self._record(asked, request, Action.CHANGED, "request")
        return await self._told(request, (await self.requests.cases.find(request.number))[1], masked=False)

    async def taking(self, asked: Asked) -> RequestTold:
        made: StepMade = asked.body
        request, _ = await self._found(asked)
        step = made.step(asked.user.login)
        if isinstance(step, Assign):
            await self._require_user(step.responsible)
        if not (self._may(asked.user, request) or _takes_it(asked.user, request, step)):
            await self._record(asked, request, Action.DENIED, "request")
            raise Refused(403, "denied", _DENIED)
        try:
            after = await self.requests.cases.do(request.number, step)
        except NotPossible as error:
            raise self._refused(error.obstacle, request) from error
        await self._record(asked, after, Action.CHANGED, f"request {step.KIND.value}")
        return await self._told(after, (await self.requests.cases.find(after.number))[1], masked=False)

    async def _found(self, asked: Asked) -> tuple[Request, list[Change]]:
        try:
            return await self.requests.cases.find(asked.path["number"])
        except UnknownRequest as error:
            raise Refused(404, "unknown-request", _UNKNOWN) from error

    async def _check(self, made: RequestMade) -> None:
        known = self.topics()
        if made.topic and known and made.topic not in known:
            raise Refused(422, "unknown-topic", _NO_SUCH_TOPIC, "topic")
        if made.responsible:
            await self._require_user(made.responsible)
        if not (made.account or (made.name.strip() and made.phone.strip())):
            raise Refused(422, "no-client", _NO_CLIENT, "account")
        if _reaches_nobody(made):
            raise Refused(422, "no-address", _NO_ADDRESS, "answer_to")

    async def _require_user(self, login: str) -> None:
        user = await self.users.get(login)
        if user is None or not user.active:
            raise Refused(422, "unknown-user", _NO_SUCH_USER, "responsible")

    async def _profile(self, call_id: str) -> str:
        found = await self.profile_of(call_id) if call_id and self.profile_of else None
        return found or self.profile

    def _may(self, user: User, request: Request) -> bool:
        own = user.login in {request.responsible, request.registered_by}
        return own or user.may(Right.CARDS) or self.concerned(user, request)

    async def _record(self, asked: Asked, request: Request, action: Action, what: str) -> None:
        await self.audit.record(
            entry_of(
                asked,
                action=action,
                subject=request.account_number or request.phone,
                call_id=request.call_id,
                what=f"{what} {request.number}",
            )
        )

    def _refused(self, obstacle: Obstacle, request: Request) -> Refused:
        field = {Obstacle.UNKNOWN_GROUND: "ground", Obstacle.OTHER_CHANNEL: "channel"}.get(obstacle)
        channels = {each.value: title for each, title in self.requests.titles.channels.items()}
        channel = channels.get(request.answer_channel, request.answer_channel)
        message = _OBSTACLES[obstacle].format(channel=channel)
        return Refused(422 if field else 409, obstacle.value, message, field)

    async def _names(self) -> Mapping[str, str]:
        return {user.login: user.name for user in await self.users.all()}

    async def _told(self, request: Request, history: list[Change], *, masked: bool) -> RequestTold:
        names = await self._names()
        row = self._row(request, names)
        if not masked:
            row |= {"client": request.client_name, "account": request.account_number}
        personal = {
            "name": request.client_name,
            "phone": request.phone,
            "answer_to": request.answer_to,
            "text": request.text,
            "answer": request.answer,
        }
        plain = ("ground", "form", "segment", "profile", "call_id", "received_at", "registered_by")
        moments = ("prolonged_at", "answered_at", "control_due_at")
        return RequestTold(
            **row,
            **(dict.fromkeys(personal, "") if masked else personal),
            **{name: getattr(request, name) for name in (*plain, *moments)},
            masked=masked,
            profile_title=self.profile_titles.get(request.profile, ""),
            bound=self._bound(request),
            registered_late=request.was_registered_late,
            history=[_change(each, names, masked=masked) for each in history],
        )

    def _bound(self, request: Request) -> Bound | None:
        form = Form(request.form) if request.form else Form.WRITTEN
        term = self.requests.cases.term(request.profile, Stage.ANSWER, form)
        return term.bound if term and request.due_at else None

    def _row(self, request: Request, names: Mapping[str, str]) -> dict[str, object]:
        titles = self.requests.titles
        return {
            "number": request.number,
            "kind": request.kind,
            "kind_title": titles.kinds[request.kind],
            "topic": request.topic,
            "status": request.status,
            "status_title": titles.statuses[request.status],
            "registered_at": request.registered_at,
            "due_at": request.due_at,
            "overdue": self.requests.lists.is_overdue(request),
            "responsible": request.responsible,
            "responsible_name": names.get(request.responsible, request.responsible),
            "channel": request.answer_channel,
            "client": initials(request.client_name),
            "account": tail(request.account_number),
        }


def _reaches_nobody(made: RequestMade) -> bool:
    """An e-mail needs an address; a letter goes to that of the account, where there is one."""
    by_post = made.channel is AnswerChannel.POST and not made.account
    return not made.answer_to.strip() and (by_post or made.channel is AnswerChannel.EMAIL)


def _takes_it(user: User, request: Request, step: Step) -> bool:
    """Whoever works may take a request that nobody answers yet."""
    return isinstance(step, Assign) and step.responsible == user.login and not request.responsible


def _change(change: Change, names: Mapping[str, str], *, masked: bool) -> ChangeTold:
    return ChangeTold(
        at=change.at,
        by=change.by,
        by_name=names.get(change.by, change.by),
        step=change.step,
        status=change.status,
        note="" if masked else change.note,
    )


def _titled(titles: Mapping[Any, str]) -> list[Titled]:
    return [Titled(id=each.value, title=title) for each, title in titles.items()]
