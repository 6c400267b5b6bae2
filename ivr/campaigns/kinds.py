"""Kinds of campaigns, `campaigns/kinds.yaml` of the company's scenarios: what each asks, says and does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, tzinfo
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from ivr.campaigns.model import Campaign, Disposition, Mode, Target
from ivr.campaigns.needed import NeededField, Owner, parsed
from ivr.campaigns.ports import MachineOrder, OpinionOf
from ivr.campaigns.rules.scopes import Ruled
from ivr.dialogue import documents
from ivr.dialogue.documents import Document
from ivr.dialogue.loader import validated
from ivr.dialogue.ports import Ending, EndingKind, Value
from ivr.dialogue.problems import Problem, ScenarioFault, closest
from ivr.dialogue.schema.values import FlowId, Identifier, OutcomeName, Part, fault
from ivr.errors import Fault

KINDS_FILE = Path("campaigns") / "kinds.yaml"
TAIL_DIGITS = 4
KindId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]


class AsksFor(StrEnum):
    """How the right person is found out, before anything personal is said."""

    NAME = "name"
    """The robot says the name and asks whether that is who is speaking."""

    ACCOUNT = "account"
    """The person gives the last digits of the account number; the question reveals nothing."""

    NOBODY = "nobody"
    """Whoever answers may hear it."""


class TalkEnd(StrEnum):
    """What becomes of a target after a talk."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    LATER = "later"
    """At the moment that was agreed in the talk."""

    RETRY = "retry"
    """By the retry rules: nobody has heard the message."""


class Machine(Part):
    """What is done when a machine answers.

    Attributes:
        flow: Says the message after the tone; nothing personal is in it.
    """

    order: Annotated[MachineOrder, parsed(MachineOrder)] = MachineOrder.HANG_UP
    flow: FlowId | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Machine:
        if (self.order is MachineOrder.LEAVE_MESSAGE) != (self.flow is not None):
            raise fault("machine", "a message that is left needs a 'flow' that says it, and only that")
        return self


class MessageRule(Part):
    """A message before, after or instead of the call.

    Attributes:
        channel: `sms`, `email`, `push` or `account`.
        moment: `before`, `after`, `instead` (of the call, when a retry rule has given it up), or `asked`: the
            person asks for it in the talk.
        hours: Before: so long ahead of the first call.
        on: After: outcomes of the talk or ways an attempt ends; empty: every one.
        text: With values, as flows have them: `{target.amount|amount}`.
    """

    channel: str = Field(pattern="^(sms|email|push|account)$")
    moment: str = Field(pattern="^(before|after|instead|asked)$")
    hours: float | int | Decimal = Field(0, ge=0, le=240)
    on: tuple[str, ...] = Field((), strict=False)
    subject: str = ""
    text: str = Field(min_length=1)


def _named(value: object) -> object:
    """Records with their keys as `name`."""
    if not isinstance(value, dict):
        return value
    return {
        name: {**one, "name": name} if isinstance(one, dict) and "name" not in one else one
        for name, one in value.items()
    }


class Kind(Part):
    """A kind of campaign.

    Attributes:
        id: Its key in the file.
        title: For the supervisor.
        flow: Talks with who answers.
        topic: Of the knowledge base, for reports, requests and the operator's card; empty: none.
        personal: Whether it says anything that only the right person may hear.
        asks_for: How the right person is found out where the standard does not want it otherwise.
        fields: What it needs to know.
        machine: When a machine answers.
        retries: Disposition → what follows, where it is not as in the settings (`ivr.campaigns.retries`).
        messages: Beside the call.
        debt: Whether billing is asked for the debt just before dialling.
        notice: Kind of notice of the standards that it is; empty: none.
        results: Variables of the flow that are kept as the result → their titles in reports.
        opinion: Of what the client is asked for an opinion; left out: of nothing.
        mode: How it is usually dialled.
        promise_days: The latest day that a payment may be promised for, days from today.
    """

    id: KindId = Field("", alias="name")
    title: str = Field(min_length=1)
    flow: FlowId
    topic: str = ""
    personal: bool = False
    asks_for: Annotated[AsksFor, parsed(AsksFor)] = AsksFor.NOBODY
    fields: Annotated[dict[Identifier, NeededField], BeforeValidator(_named)] = Field(default_factory=dict)
    machine: Machine = Machine()
    retries: dict[str, dict[str, Any] | int | None] = Field(default_factory=dict)
    messages: tuple[MessageRule, ...] = Field((), strict=False)
    debt: bool = False
    notice: str = ""
    results: dict[Identifier, str] = Field(default_factory=dict)
    opinion: Annotated[OpinionOf, parsed(OpinionOf)] | None = None
    mode: Annotated[Mode, parsed(Mode)] = Mode.AGENTLESS
    promise_days: int = Field(14, ge=1, le=90)

    @model_validator(mode="after")
    def _protects(self) -> Kind:
        if self.personal == (self.asks_for is AsksFor.NOBODY):
            raise fault(
                "kind", "a kind that says something personal asks for the right person, and only that"
            )
        unknown = self.retries.keys() - set(Disposition) - {"most_tries"}
        if unknown:
            raise fault("kind", f"{sorted(unknown)[0]!r} is no way in which an attempt ends")
        return self

    @property
    def needs(self) -> tuple[NeededField, ...]:
        """What it needs to know, in the order of the file."""
        return tuple(self.fields.values())

    def needed(self, owner: Owner) -> tuple[NeededField, ...]:
        """What it needs to know of each target, or of the campaign."""
        return tuple(each for each in self.needs if each.of is owner)

    def missing(self, owner: Owner, fields: Mapping[str, Any]) -> Iterator[tuple[NeededField, str]]:
        """The needed fields that are not there, or are not what they should be, with the reason."""
        for each in self.needed(owner):
            try:
                each.value(fields.get(each.name))
            except ValueError as error:
                yield each, str(error)

    @property
    def channels(self) -> list[dict[str, Any]]:
        """Messages before and after the call, as `ivr.campaigns.channels.plan.Plan.of` takes them."""
        return [
            {"channel": each.channel, "moment": each.moment, "hours": float(each.hours), "on": each.on}
            for each in self.messages
            if each.moment in {"before", "after"}
        ]

    def message(self, channel: str, moment: str) -> MessageRule | None:
        """What goes by a channel at a moment; where no words are for it, those of another moment."""
        alike = [each for each in self.messages if each.channel == channel]
        return next((each for each in alike if each.moment == moment), alike[0] if alike else None)

    def result_of(self, ending: Ending) -> tuple[str, dict[str, Any]]:
        """Outcome and data of a talk, as they are kept: plain data, days and amounts as texts.

        A person who was handed over has the outcome `operator`; one who left before an outcome was reached
        `hangup`; `failed` is a fault of ours.
        """
        outcome = "operator" if ending.kind is EndingKind.QUEUED else ending.outcome
        left = ((name, ending.data.get(name)) for name in self.results)
        return outcome, {name: _plain(value) for name, value in left if value is not None}


class TalkOutcome(Part):
    """How a talk may end: what becomes of the target, and its title in reports.

    Attributes:
        heard: Whether the right person has certainly heard the message: what a proof of notification says.
    """

    end: Annotated[TalkEnd, parsed(TalkEnd)]
    title: str = Field(min_length=1)
    heard: bool = False


class KindsFile(Part):
    """The file."""

    asks_for: dict[str, Annotated[AsksFor, parsed(AsksFor)]] = Field(
        {}, description="Standard → how its clients are asked for, whatever the kind says."
    )
    outcomes: dict[OutcomeName, TalkOutcome] = Field(
        description="How a talk may end; after what is not here the target is called again by the rules."
    )
    kinds: Annotated[dict[KindId, Kind], BeforeValidator(_named)] = Field(min_length=1)


@dataclass(frozen=True)
class Kinds:
    """All kinds, by id.

    Attributes:
        document: Where they are written.
    """

    file: KindsFile
    document: Document = field(repr=False)

    @classmethod
    def load(cls, folder: Path) -> Kinds:
        """Read the kinds of a folder of scenarios, or of its `campaigns`.

        Raises:
            ScenarioFault: With all problems.
        """
        found = cls.read(folder)
        if isinstance(found, list):
            raise ScenarioFault(found)
        return found

    @classmethod
    def read(cls, folder: Path) -> Kinds | list[Problem]:
        """The same; the problems where it can't be read."""
        path = folder / KINDS_FILE.name
        document = documents.read(path if path.exists() else folder / KINDS_FILE)
        if not isinstance(document, Document):
            return document
        problems: list[Problem] = []
        file = validated(document, KindsFile, problems)
        return problems if file is None else cls(file, document)

    def __iter__(self) -> Iterator[Kind]:
        return iter(self.file.kinds.values())

    def __len__(self) -> int:
        return len(self.file.kinds)

    def __contains__(self, kind: object) -> bool:
        return kind in self.file.kinds

    def __getitem__(self, kind: str) -> Kind:
        """The kind of that id.

        Raises:
            Fault: There is none.
        """
        if kind not in self.file.kinds:
            hint = closest(kind, self.file.kinds)
            known = ", ".join(self.file.kinds)
            raise Fault(
                f"There is no kind {kind!r} of campaigns{hint}.", self.document.file, f"Take {known}."
            )
        return self.file.kinds[kind]

    @property
    def flows(self) -> frozenset[str]:
        """The flows with which talks and messages begin."""
        talks = {kind.flow for kind in self}
        return frozenset(talks | {kind.machine.flow for kind in self if kind.machine.flow is not None})

    def ruled(self, kind: str) -> Ruled:
        """What the rules of calling ask of a kind; of one that is gone, the strictest."""
        known = self.file.kinds.get(kind)
        return Ruled() if known is None else Ruled(known.debt, known.machine.flow is not None)

    def end_of(self, outcome: str) -> TalkEnd:
        """What becomes of a target after a talk with that outcome (`Kind.result_of`)."""
        known = self.file.outcomes.get(outcome)
        return TalkEnd.RETRY if known is None else known.end

    def heard(self, outcome: str) -> bool:
        """Whether the right person has certainly heard the message of a talk that ended so."""
        known = self.file.outcomes.get(outcome)
        return known is not None and known.heard

    @property
    def outcomes(self) -> Mapping[str, str]:
        """Outcome of a talk → its title in reports."""
        return {name: outcome.title for name, outcome in self.file.outcomes.items()}

    def asks_for(self, kind: Kind, profile: str) -> AsksFor:
        """How the right person is found out under a standard."""
        return self.file.asks_for.get(profile, kind.asks_for) if kind.personal else AsksFor.NOBODY

    def given(self, campaign: Campaign, target: Target, *, profile: str, zone: tzinfo) -> dict[str, Value]:
        """What the kind's flow takes: the records `target` and `campaign`.

        Besides its fields, `target` has `name`, `account` and `tail` (last digits of the account number, or
        an empty text), `campaign` has `kind`, `topic`, `title`, `queue`, `asks_for` and `promise_days`.

        Args:
            campaign: Of this kind.
            target: Whom it talks with.
            profile: Standard that is kept.
            zone: Of moments that name none: the company's.

        Raises:
            Fault: A field is missing, or is not what it should be; without personal data.
        """
        kind = self[campaign.kind]
        asks_for = self.asks_for(kind, profile)
        account = target.account or str(target.fields.get("account") or "")
        of_target = {"name": None, **_values(kind, Owner.TARGET, target.fields, zone)}
        of_campaign = _values(kind, Owner.CAMPAIGN, campaign.fields, zone)
        return {
            "target": {**of_target, "account": account, "tail": account[-TAIL_DIGITS:]},
            "campaign": {
                **of_campaign,
                "kind": kind.id,
                "topic": kind.topic or None,
                "title": campaign.title or kind.title,
                "queue": campaign.queue,
                "asks_for": asks_for.value,
                "promise_days": kind.promise_days,
            },
        }


def _plain(value: Value) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _values(kind: Kind, owner: Owner, fields: Mapping[str, Any], zone: tzinfo) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for each in kind.needed(owner):
        try:
            values[each.name] = each.value(fields.get(each.name), zone)
        except ValueError as error:
            what = f"The field {each.name!r} of the {owner} does not fit the kind {kind.id!r}: {error}."
            raise Fault(
                what, f"kind {kind.id}", "Mend it in the file of targets or in the campaign."
            ) from None
    return values
