"""Who does not want to be called: looked up, written down by who was told so, and taken back likewise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from ivr.access.audit import Action
from ivr.access.model import Right
from ivr.campaigns.kinds import Kinds
from ivr.campaigns.report.words import words
from ivr.campaigns.rules.refusals import Refusal, Refusals
from ivr.campaigns.rules.scopes import of_kind
from ivr.web.api.audited import entry_of
from ivr.web.api.campaign_forms import known, telephone
from ivr.web.api.campaign_models import Choice
from ivr.web.api.campaign_refusal_models import (
    Lifting,
    NewRefusal,
    RefusalsQuery,
    RefusalsTold,
    RefusalTold,
)
from ivr.web.api.cards import AuditTrail
from ivr.web.api.route import Asked, Refused, Route
from ivr.web.api.work_faults import id_of

_NEITHER = "Это не номер телефона и не лицевой счёт. Телефон пишется так: +7 912 345-67-89."
_NO_SCOPE = "Выберите, от чего отказался клиент."
_GONE = "Этот отказ уже снят. Обновите страницу."
_SOURCE = "page"
_LONGEST_NOTE = 64
_ACCOUNT, _NUMBER = "account:", "number:"


@dataclass(frozen=True, slots=True)
class _Whom:
    """A person, or a number; neither is everybody."""

    person: str = ""
    number: str = ""

    @property
    def account(self) -> str:
        return self.person.removeprefix(_ACCOUNT) if self.person.startswith(_ACCOUNT) else ""

    @property
    def phone(self) -> str:
        return self.number or ("" if self.account else self.person.removeprefix(_NUMBER))

    @property
    def subject(self) -> str:
        return self.account or self.phone


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalRoutes:
    """`/campaigns/refusals`.

    Attributes:
        is_account: Whether digits are the number of an account.
        name: Login → name for people.
    """

    refusals: Refusals
    kinds: Callable[[], Kinds]
    is_account: Callable[[str], bool]
    audit: AuditTrail
    name: Callable[[str], str]

    def routes(self) -> list[Route]:
        """All of them."""
        route: Callable[..., Route] = partial(Route, right=Right.CAMPAIGNS, answer=RefusalsTold)
        return [
            route(
                method="GET",
                path="/campaigns/refusals",
                title="Refusals of a person under all his accounts and numbers, or the latest",
                run=self.find,
                query=RefusalsQuery,
            ),
            route(
                method="POST",
                path="/campaigns/refusals",
                title="Write down that somebody does not want to be called; a second time changes nothing",
                run=self.add,
                body=NewRefusal,
                status=201,
            ),
            route(
                method="POST",
                path="/campaigns/refusals/{id}/lift",
                title="Take one back, with where that is known from; it stays on the list as such",
                run=self.lift,
                body=Lifting,
            ),
        ]

    async def find(self, asked: Asked) -> RefusalsTold:
        """Those of a person, or the latest."""
        query: RefusalsQuery = asked.query
        whom = self._whom(query.who) if query.who.strip() else _Whom()
        await self.audit.record(entry_of(asked, Action.VIEWED, "refusals", subject=whom.subject))
        return await self._told(whom)

    async def add(self, asked: Asked) -> RefusalsTold:
        """Write one down."""
        body: NewRefusal = asked.body
        whom = self._whom(body.who)
        if body.scope not in self._scopes():
            raise Refused(422, "no-scope", _NO_SCOPE, "scope")
        await self.refusals.refuse(
            person=whom.person,
            number=whom.number,
            scope=body.scope,
            source=_SOURCE,
            by=asked.user.login,
            reference=body.note[:_LONGEST_NOTE],
        )
        entry = entry_of(asked, Action.CHANGED, "refusals", subject=whom.subject)
        await self.audit.record(entry)
        return await self._told(whom)

    async def lift(self, asked: Asked) -> RefusalsTold:
        """Take one back."""
        lifted = await self.refusals.lift(id_of(asked), asked.user.login, asked.body.why)
        if lifted is None:
            raise Refused(404, "no-refusal", _GONE)
        whom = _Whom(lifted.person, lifted.number)
        entry = entry_of(asked, Action.CHANGED, f"refusals: {lifted.id} lifted", subject=whom.subject)
        await self.audit.record(entry)
        return await self._told(whom)

    def _whom(self, text: str) -> _Whom:
        """A person by his account, or a number. Raises Refused."""
        digits = text.replace(" ", "")
        if self.is_account(digits):
            return _Whom(person=f"{_ACCOUNT}{digits}")
        number = telephone(text)
        if number is None:
            raise Refused(422, "neither", _NEITHER, "who")
        return _Whom(number=number)

    async def _told(self, whom: _Whom) -> RefusalsTold:
        known = (
            await self.refusals.known_as(account=whom.account, number=whom.number) if whom.subject else None
        )
        found = await self.refusals.listed(known)
        return RefusalsTold(
            scopes=[Choice(id=id, title=title) for id, title in self._scopes().items()],
            refusals=[self._of(each) for each in found],
        )

    def _of(self, refusal: Refusal) -> RefusalTold:
        person = refusal.person.removeprefix(_ACCOUNT).removeprefix(_NUMBER)
        source = str(words()["sources"].get(refusal.source, refusal.source))
        return RefusalTold(
            id=refusal.id,
            at=refusal.at,
            who=", ".join(filter(None, (person, refusal.number))),
            scope=refusal.scope,
            source=": ".join(filter(None, (source, refusal.reference))),
            until=refusal.until,
            lifted_at=refusal.lifted_at,
            lifted_by=self.name(refusal.lifted_by) if refusal.lifted_by else "",
            lifted_why=refusal.lifted_why or "",
        )

    def _scopes(self) -> Mapping[str, str]:
        told = words()["scopes"]
        return {
            **told,
            **{of_kind(kind.id): told_of(kind.title) for kind in known(self.kinds) or ()},
        }


def told_of(title: str) -> str:
    """What a refusal of one kind of campaigns is called."""
    return str(words()["scope_of_kind"]).format(kind=title)
