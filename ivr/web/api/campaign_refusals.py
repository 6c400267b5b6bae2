"""Who does not want to be called: looked up, and written down by who was told so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from ivr.access.audit import Action
from ivr.access.model import Right
from ivr.campaigns.kinds import Kinds
from ivr.campaigns.report.words import words
from ivr.campaigns.rules.refusals import Refusal, Refusals
from ivr.web.api.audited import entry_of
from ivr.web.api.campaign_forms import known, telephone
from ivr.web.api.campaign_models import Choice, NewRefusal, RefusalsQuery, RefusalsTold, RefusalTold
from ivr.web.api.cards import AuditTrail
from ivr.web.api.route import Asked, Refused, Route

_NEITHER = "Это не номер телефона и не лицевой счёт. Телефон пишется так: +7 912 345-67-89."
_NO_SCOPE = "Выберите, от чего отказался клиент."
_SOURCE = "page"
_LONGEST_NOTE = 64


@dataclass(frozen=True, slots=True)
class _Whom:
    """A person, or a number; neither is everybody."""

    person: str = ""
    number: str = ""

    @property
    def subject(self) -> str:
        return self.person.removeprefix("account:") or self.number


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalRoutes:
    """`/campaigns/refusals`.

    Attributes:
        is_account: Whether digits are the number of an account.
    """

    refusals: Refusals
    kinds: Callable[[], Kinds]
    is_account: Callable[[str], bool]
    audit: AuditTrail

    def routes(self) -> list[Route]:
        """All of them."""
        route: Callable[..., Route] = partial(
            Route, path="/campaigns/refusals", right=Right.CAMPAIGNS, answer=RefusalsTold
        )
        return [
            route(
                method="GET", title="Refusals of a person, or the latest", run=self.find, query=RefusalsQuery
            ),
            route(
                method="POST",
                title="Write down that somebody does not want to be called; a second time changes nothing",
                run=self.add,
                body=NewRefusal,
                status=201,
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

    def _whom(self, text: str) -> _Whom:
        """A person by his account, or a number. Raises Refused."""
        digits = text.replace(" ", "")
        if self.is_account(digits):
            return _Whom(person=f"account:{digits}")
        number = telephone(text)
        if number is None:
            raise Refused(422, "neither", _NEITHER, "who")
        return _Whom(number=number)

    async def _told(self, whom: _Whom) -> RefusalsTold:
        found = await self.refusals.listed(person=whom.person, number=whom.number)
        return RefusalsTold(
            scopes=[Choice(id=id, title=title) for id, title in self._scopes().items()],
            refusals=[_told(each) for each in found],
        )

    def _scopes(self) -> Mapping[str, str]:
        told = words()["scopes"]
        return {
            **told,
            **{kind.id: told_of(kind.title) for kind in known(self.kinds) or () if kind.id not in told},
        }


def told_of(title: str) -> str:
    """What a refusal of one kind of campaigns is called."""
    return str(words()["scope_of_kind"]).format(kind=title)


def _told(refusal: Refusal) -> RefusalTold:
    person = refusal.person.removeprefix("account:").removeprefix("number:")
    source = str(words()["sources"].get(refusal.source, refusal.source))
    return RefusalTold(
        id=refusal.id,
        at=refusal.at,
        who=", ".join(filter(None, (person, refusal.number))),
        scope=refusal.scope,
        source=": ".join(filter(None, (source, refusal.reference))),
        until=refusal.until,
        lifted=refusal.lifted_at is not None,
    )
